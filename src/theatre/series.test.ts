import fc from "fast-check"
import { expect, test } from "vitest"
import { type Answer, SaleSeries } from "./series.ts"

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)

test("nothing is lost however long it takes, and there are never more than 200 steps", () => {
  const answer = fc.constantFrom<Answer>("reserved", "refused", "failed")
  const record = fc.tuple(answer, fc.nat(120_000), fc.nat(5000))
  fc.assert(
    fc.property(fc.array(record, { minLength: 1 }), (records) => {
      const series = new SaleSeries()
      for (const [name, atMs, latencyMs] of records) series.record(name, atMs, latencyMs)
      const view = series.view()
      for (const name of ["reserved", "refused", "failed"] as const) {
        expect(sum(view[name])).toBe(records.filter(([given]) => given === name).length)
        expect(view[name].length).toBe(view.maxMs.length)
      }
      expect(view.maxMs.length).toBeLessThanOrEqual(200)
      expect(Math.max(...view.maxMs)).toBe(Math.max(...records.map(([, , latencyMs]) => latencyMs)))
      const lastMs = Math.max(...records.map(([, atMs]) => atMs))
      expect(Math.floor(lastMs / view.stepMs)).toBe(view.maxMs.length - 1)
    }),
  )
})
