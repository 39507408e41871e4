import { expect, test } from "vitest"
import { TEXT_LENGTH_MAX } from "../core/limits.ts"
import { idempotencyKeyHeader } from "./idempotency-key.ts"

const key = (header: string) => idempotencyKeyHeader.safeParse(header).data

test("a key is the same bare and quoted", () => {
  for (const header of ["abc", '"abc"']) expect(key(header)).toBe("abc")
  expect(key(String.raw`"a\"b\\c"`)).toBe(String.raw`a"b\c`)
  expect(key('a"b')).toBe('a"b')
  expect(key("a, b")).toBe("a, b")
})

test("a key that is quoted badly is no key", () => {
  for (const header of ['"', '"abc', '"a"b"', '"abc" x', String.raw`"abc\"`, String.raw`"a\b"`]) {
    expect(key(header), header).toBeUndefined()
  }
})

test("a key has 1 to 255 characters, without its quotes", () => {
  const longest = "k".repeat(TEXT_LENGTH_MAX)
  expect(key(longest)).toBe(longest)
  expect(key(`"${longest}"`)).toBe(longest)
  for (const header of ["", '""', `${longest}k`, `"${longest}k"`, "a\u0080"])
    expect(key(header)).toBeUndefined()
})
