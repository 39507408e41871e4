import { describe, expect, test } from "vitest"
import { DESCRIPTION_LENGTH_MAX, PRIORITY_MAX, TEXT_LENGTH_MAX } from "../core/limits.ts"
import { itemBody, itemsQuery, parseItem, parseItemFilter } from "./items.ts"
import { locationBody, PRIORITY_DEFAULT, parseLocation, parseLocationFilter } from "./locations.ts"

describe("an item", () => {
  const takes = (change: object) => itemBody.safeParse({ name: "Mug", ...change }).success

  test("has a name of 1 to 255 characters and a description of up to 4096", () => {
    for (const name of ["x", "x".repeat(TEXT_LENGTH_MAX)]) expect(takes({ name })).toBe(true)
    for (const name of ["", "x".repeat(TEXT_LENGTH_MAX + 1), 1, null, undefined])
      expect(takes({ name })).toBe(false)
    expect(takes({ description: "x".repeat(DESCRIPTION_LENGTH_MAX) })).toBe(true)
    expect(takes({ description: "x".repeat(DESCRIPTION_LENGTH_MAX + 1) })).toBe(false)
  })

  test("refuses unknown members, the sku of the path among them", () => {
    expect(takes({ sku: "MUG" })).toBe(false)
    expect(parseItem({ sku: "MUG", name: "Mug" })).toEqual({ sku: "MUG", name: "Mug" })
    expect(() => parseItem({ name: "Mug" })).toThrow("/sku is required")
  })

  test("is searched by a text of up to 255 characters", () => {
    for (const q of ["", "x".repeat(TEXT_LENGTH_MAX)]) expect(itemsQuery.safeParse({ q }).success).toBe(true)
    for (const q of ["x".repeat(TEXT_LENGTH_MAX + 1), "\u0000", ["a", "b"]])
      expect(itemsQuery.safeParse({ q }).success).toBe(false)
    expect(parseItemFilter({ q: "mug", limit: 5 })).toEqual({ q: "mug", limit: 5 })
  })
})

describe("a location", () => {
  const takes = (change: object) => locationBody.safeParse({ name: "Berlin", ...change }).success

  test("has a priority within a million, 0 when it is left out", () => {
    for (const priority of [PRIORITY_MAX, -PRIORITY_MAX]) expect(takes({ priority })).toBe(true)
    for (const priority of [PRIORITY_MAX + 1, -PRIORITY_MAX - 1, 0.5, "1", null])
      expect(takes({ priority })).toBe(false)
    expect(parseLocation({ code: "B", name: "Berlin" }).priority).toBe(PRIORITY_DEFAULT)
  })

  test("is listed in pages", () => {
    expect(parseLocationFilter({ limit: 5, cursor: "x" })).toEqual({ limit: 5, cursor: "x" })
    expect(() => parseLocationFilter({ q: "x" })).toThrow("/q is not a known member")
  })
})
