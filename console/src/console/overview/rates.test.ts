import type { Statistics } from "earmark/client"
import { expect, test } from "vitest"
import { quantileMs, ratesBetween } from "./rates.ts"

const BOUNDS = [0.001, 0.01, 0.1]

function look(
  uptimeSeconds: number,
  reserved: number,
  latency: readonly number[],
  startedAt = "t0",
): Statistics {
  const reserve = {
    operation: "reserve",
    succeeded: { reserved, replayed: 7 },
    refused: { insufficient_stock: 2 * reserved, invalid_request: 1 },
    failed: {},
    latency: { counts: latency, sumSeconds: 1 },
  }
  return {
    process: { name: "a", startedAt, uptimeSeconds, strategy: "batched" },
    latencyBoundsSeconds: BOUNDS,
    operations: [reserve],
    requests: { answered: { "201": reserved }, latency: reserve.latency },
  } as unknown as Statistics
}

test("rates are differences over the process's own time", () => {
  const rates = ratesBetween(look(10, 100, [0, 0, 0, 0]), look(12, 300, [100, 90, 10, 0]))
  expect(rates).toMatchObject({
    atSeconds: 12,
    reservedPerSecond: 100,
    refusedPerSecond: 200,
    requestsPerSecond: 100,
  })
  expect(rates?.latency?.p50).toBeCloseTo(1)
  expect(rates?.latency?.p99).toBeCloseTo(82)
})

test("between two processes, and without time, there is no rate", () => {
  expect(ratesBetween(look(10, 100, []), look(1, 0, [], "t1"))).toBeNull()
  expect(ratesBetween(look(10, 100, []), look(10, 100, []))).toBeNull()
})

test("without a reserve there is no latency", () => {
  expect(ratesBetween(look(10, 100, [1, 1, 1, 1]), look(11, 100, [1, 1, 1, 1]))?.latency).toBeNull()
})

test.each([
  [0.5, [2, 0, 0, 0], 0.5],
  [1, [1, 1, 0, 0], 10],
  [0.99, [0, 0, 0, 5], 100],
  [0.5, [0, 0, 0, 0], null],
])("the quantile %d of %j is %d ms", (share, counts, ms) => {
  const quantile = quantileMs(share, counts, BOUNDS)
  if (ms === null) expect(quantile).toBeNull()
  else expect(quantile).toBeCloseTo(ms)
})
