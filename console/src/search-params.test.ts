import { expect, test } from "vitest"
import { parseSearch, stringifySearch } from "./search-params.ts"

test.each(["1e5", "007", "true", "null", '"quoted"', '{"a":1}', "[1]", "50 % off & more + #1", "日本"])(
  "%s is text, as it was typed and as it is linked to",
  (text) => {
    expect(parseSearch(`?q=${encodeURIComponent(text)}`)).toEqual({ q: text })
    expect(parseSearch(stringifySearch({ q: text }))).toEqual({ q: text })
  },
)

test("what is not stated is not in the address", () => {
  expect(stringifySearch({ q: undefined })).toBe("")
})

test("what is no text is JSON", () => {
  const lines = [{ sku: "MUG", quantity: 1 }]
  expect(JSON.parse(parseSearch(stringifySearch({ lines }))["lines"] ?? "")).toEqual(lines)
})
