import fc from "fast-check"
import { expect, test } from "vitest"
import { addUpLines } from "./requested-lines.ts"

const line = fc.record({
  sku: fc.constantFrom("A", "A-B", "A.B", "AB", "a"),
  quantity: fc.integer({ min: 1, max: 1_000_000 }),
  location: fc.option(fc.constantFrom("L", "L1", "l")),
})

test("equal lines are added up; a line without a location equals only another one without", () => {
  const lines = [
    { sku: "MUG", quantity: 1, location: null },
    { sku: "MUG", quantity: 2, location: "LAX" },
    { sku: "MUG", quantity: 3, location: null },
    { sku: "MUG", quantity: 4, location: "LAX" },
  ]
  expect(addUpLines(lines)).toEqual([
    { sku: "MUG", quantity: 4, location: null },
    { sku: "MUG", quantity: 6, location: "LAX" },
  ])
})

test("lines stand in the order of sku, then location, whatever order they came in", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (lines) => {
      const added = addUpLines(lines)
      expect(addUpLines([...lines].reverse())).toEqual(added)
      expect(addUpLines(added)).toEqual(added)
      const names = added.map(({ sku, location }) => [sku, location ?? ""] as const)
      const sorted = [...names].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
      expect(names).toEqual(sorted)
      const total = (some: readonly { quantity: number }[]) =>
        some.reduce((sum, { quantity }) => sum + quantity, 0)
      expect(total(added)).toBe(total(lines))
    }),
  )
})
