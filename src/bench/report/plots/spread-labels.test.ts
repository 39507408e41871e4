import fc from "fast-check"
import { expect, test } from "vitest"
import { spreadLabels } from "./spread-labels.ts"

const BOUNDS = { gap: 16, length: 250 }

test("labels with room stay where they are", () => {
  expect(spreadLabels([10, 200, 100], BOUNDS)).toEqual([10, 200, 100])
})

test("neighbours that are too close part around their middle", () => {
  expect(spreadLabels([100, 104], BOUNDS)).toEqual([94, 110])
})

test("labels at an edge are pushed inwards", () => {
  expect(spreadLabels([250, 249], BOUNDS)).toEqual([250, 234])
  expect(spreadLabels([0, 0, 0], BOUNDS)).toEqual([0, 16, 32])
})

test("none overlaps another, none is beyond an edge, and the order stays", () => {
  const positions = fc.array(fc.integer({ min: 0, max: BOUNDS.length }), { minLength: 1, maxLength: 15 })
  fc.assert(
    fc.property(positions, (wanted) => {
      const placed = spreadLabels(wanted, BOUNDS)
      const order = wanted.map((_, index) => index).sort((a, b) => (placed[a] ?? 0) - (placed[b] ?? 0))
      for (const index of order) {
        expect(placed[index]).toBeGreaterThanOrEqual(-1e-6)
        expect(placed[index]).toBeLessThanOrEqual(BOUNDS.length + 1e-6)
      }
      for (const [rank, index] of order.slice(1).entries()) {
        const before = order[rank] ?? Number.NaN
        expect((placed[index] ?? Number.NaN) - (placed[before] ?? Number.NaN)).toBeGreaterThan(
          BOUNDS.gap - 1e-6,
        )
        expect(wanted[index]).toBeGreaterThanOrEqual(wanted[before] ?? Number.NaN)
      }
    }),
  )
})
