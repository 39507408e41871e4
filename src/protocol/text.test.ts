import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CODE_LENGTH_MAX, TEXT_LENGTH_MAX, URL_LENGTH_MAX } from "../core/limits.ts"
import { code, imageUrl, isPlainText, nameText, remarkText } from "./text.ts"

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe("text", () => {
  test("has its edge at 255 characters, however many UTF-16 units they take", () => {
    for (const character of ["a", "é", "漢", "😀"]) {
      expect(accepts(nameText, character.repeat(TEXT_LENGTH_MAX))).toBe(true)
      expect(accepts(nameText, character.repeat(TEXT_LENGTH_MAX + 1))).toBe(false)
    }
  })

  test("of a name is not empty; a remark may be", () => {
    expect(accepts(nameText, "")).toBe(false)
    expect(accepts(remarkText, "")).toBe(true)
  })

  test("has no control characters", () => {
    for (const point of [0x00, 0x09, 0x0a, 0x1f, 0x7f, 0x80, 0x9f]) {
      expect(accepts(nameText, `a${String.fromCodePoint(point)}b`), `U+${point.toString(16)}`).toBe(false)
    }
    for (const point of [0x20, 0x7e, 0xa0, 0x2028]) {
      expect(accepts(nameText, `a${String.fromCodePoint(point)}b`), `U+${point.toString(16)}`).toBe(true)
    }
  })

  test("has no lone surrogates", () => {
    for (const lone of ["\ud800", "\udfff", "a\udc00b", "\udc00\ud800"])
      expect(accepts(nameText, lone)).toBe(false)
    expect(accepts(nameText, "\ud83d\ude00")).toBe(true)
  })

  test("is never made from something else", () => {
    for (const value of [1, true, null, {}, ["a"], undefined]) expect(accepts(nameText, value)).toBe(false)
  })

  test("that is taken can be stored as UTF-8 and comes back the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        if (!isPlainText(value)) return
        expect(Buffer.from(value, "utf8").toString("utf8")).toBe(value)
      }),
    )
  })
})

describe("a code", () => {
  test("has 1 to 64 characters", () => {
    expect(accepts(code, "a")).toBe(true)
    expect(accepts(code, "a".repeat(CODE_LENGTH_MAX))).toBe(true)
    expect(accepts(code, "a".repeat(CODE_LENGTH_MAX + 1))).toBe(false)
    expect(accepts(code, "")).toBe(false)
  })

  test("has letters, digits and . _ - and begins with a letter or digit", () => {
    for (const value of ["MUG", "0", "a.b_c-D9"]) expect(accepts(code, value), value).toBe(true)
    for (const value of [".a", "-a", "_a", "a b", "a/b", "é", "a\n", "a\u0000", "..", "٣", "a%20"]) {
      expect(accepts(code, value), value).toBe(false)
    }
  })
})

describe("an image URL", () => {
  const ofLength = (length: number) => "https://x.example/".padEnd(length, "a")

  test("has at most 2048 characters", () => {
    expect(accepts(imageUrl, ofLength(URL_LENGTH_MAX))).toBe(true)
    expect(accepts(imageUrl, ofLength(URL_LENGTH_MAX + 1))).toBe(false)
  })

  test("is http or https as it stands", () => {
    for (const value of ["http://x", "https://x.example/a?b=c#d", "HTTPS://X", "http://[::1]:8080/a"]) {
      expect(accepts(imageUrl, value), value).toBe(true)
    }
    for (const value of [
      "",
      "x.example/a.png",
      "//x.example",
      "ftp://x",
      "javascript:alert(1)",
      "data:image/png;base64,AAAA",
      "http:x",
      "https://",
      " https://x",
      "https://x /a",
      "https://x/\n",
      "https://x/\ud800",
      "https://[::1",
    ]) {
      expect(accepts(imageUrl, value), value).toBe(false)
    }
  })
})
