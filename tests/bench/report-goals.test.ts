import { describe, expect, test } from "vitest"
import { type Goal, goalsOf } from "../../src/bench/report/goals.ts"
import type { BenchReport, ScenarioResult } from "../../src/bench/result.ts"
import { contender, latency, point, report, spread } from "./report-fixture.ts"

/** A report of one scenario, to judge one goal at its edge. */
function only(scenario: Pick<ScenarioResult, "name" | "contenders">): BenchReport {
  const rest = { title: "T", question: "Q?", counted: "answers", axis: null, command: "c" }
  return { ...report, scenarios: [{ ...rest, ...scenario }] }
}

function goal(shown: BenchReport, words: string): Goal | undefined {
  return goalsOf(shown).find(({ sentence }) => sentence.includes(words))
}

const rates = (name: string, first: [string, number], second: [string, number]) =>
  only({
    name,
    contenders: [first, second].map(([who, rate]) =>
      contender(who, who === "limit" || who === "bare-fastify" ? "limit" : "strategy", [{ rate }]),
    ),
  })

test("the fixture is judged on every goal, each in words of its own", () => {
  const goals = goalsOf(report)
  expect(goals).toHaveLength(12)
  expect(new Set(goals.map(({ sentence }) => sentence)).size).toBe(12)
  expect(goals.every(({ reached }) => reached)).toBe(true)
})

test("what was not measured is not judged", () => {
  expect(goalsOf({ ...report, scenarios: [] })).toEqual([])
  const alone = only({ name: "hot", contenders: [contender("batched", "strategy", [{ rate: 30_000 }])] })
  expect(goalsOf(alone)).toEqual([])
  expect(goalsOf(rates("hot", ["batched", 30_000], ["atomic-update", 0]))).toEqual([])
  expect(goalsOf(rates("hot", ["batched", Number.NaN], ["atomic-update", 100]))).toEqual([])
})

const EDGES = [
  { scenario: "hot", words: "10 times as fast", second: "atomic-update", least: 10 },
  { scenario: "hot", words: "bare driver loop", second: "limit", least: 0.7 },
  { scenario: "http", words: "bare Fastify", second: "bare-fastify", least: 0.4 },
  { scenario: "wide-uniform", words: "asked for evenly", second: "batched-one-level", least: 0.8 },
  { scenario: "wide-zipf", words: "Zipf", second: "batched-one-level", least: 0.8 },
  { scenario: "baskets", words: "Baskets of three", second: "batched-one-level", least: 0.45 },
  { scenario: "life", words: "confirming or releasing", second: "batched-reserve-only", least: 0.45 },
  { scenario: "events", words: "handed on to a Redis stream", first: "stream", second: "quiet", least: 0.9 },
  { scenario: "events", words: "handed on to Kafka", first: "kafka", second: "quiet", least: 0.9 },
]

test.each(EDGES)(
  "$scenario, $words: reached at its edge, and missed just below it, where the figure does not look reached",
  ({ scenario, words, first = "batched", second, least }) => {
    const judged = (times: number) => goal(rates(scenario, [first, times * 10_000], [second, 10_000]), words)
    const figure = (value: number) => (least < 1 ? `${value.toFixed(2)} %` : `${value.toFixed(2)} x`)
    const edge = least < 1 ? least * 100 : least
    expect(judged(least)).toMatchObject({ reached: true, figure: figure(edge) })
    expect(judged(least - 1e-6)).toMatchObject({ reached: false, figure: figure(edge - 0.01) })
  },
)

test("a sink is to be told of 10,000 events a second, when nothing is sold meanwhile", () => {
  const judged = (handedOnPerSecond: number) => {
    const figures = { handedOnPerSecond }
    const kafka = contender("kafka", "strategy", [{ rate: 1, figures }])
    return goal(
      only({ name: "events", contenders: [kafka] }),
      "10,000 events a second are handed on to Kafka",
    )
  }
  expect(judged(10_000)).toMatchObject({ reached: true, figure: "10,000 a second" })
  expect(judged(9999.9)).toMatchObject({ reached: false, figure: "9,999 a second" })
})

test("a figure loses nothing to the arithmetic of floating point", () => {
  const baskets = rates("baskets", ["batched", 5800], ["batched-one-level", 10_000])
  expect(0.58 * 100).toBeLessThan(58)
  expect(goal(baskets, "Baskets")).toMatchObject({ figure: "58.00 %" })
})

test("the highest rates are compared, wherever they were reached, and open loops do not count", () => {
  const hot = only({
    name: "hot",
    contenders: [
      contender("batched", "strategy", [{ rate: 500 }, { rate: 20_000 }, { rate: 90_000, offered: 90_000 }]),
      contender("atomic-update", "strategy", [{ rate: 2000 }, { rate: 1000 }]),
    ],
  })
  expect(goal(hot, "10 times")).toMatchObject({ figure: "10.00 x", reached: true })
})

test("promptness is judged at a fifth of the highest rate, and 10 ms is not under 10 ms", () => {
  const http = (offered: number, p99: number) =>
    goal(
      only({
        name: "http",
        contenders: [
          contender("batched", "strategy", [{ rate: 10_000 }, { rate: offered, offered, ms: [1, p99] }]),
        ],
      }),
      "under 10 ms",
    )
  expect(http(2000, 9.996)).toMatchObject({ reached: true, figure: "9.99 ms" })
  expect(http(2000, 10)).toMatchObject({ reached: false, figure: "10.00 ms" })
  expect(http(5000, 5)).toBeUndefined()
})

test("a rush must be answered fast and exactly", () => {
  const storm = (rate: number, leaked: number) =>
    goal(only({ name: "storm", contenders: [contender("batched", "strategy", [{ rate, leaked }])] }), "rush")
  expect(storm(50_000, 0)).toMatchObject({ reached: true })
  expect(storm(49_999.9, 0)).toMatchObject({ reached: false, figure: "49,999 a second, 0 units wrong" })
  expect(storm(60_000, 1)).toMatchObject({ reached: false, figure: "60,000 a second, 1 units wrong" })
})

test("growth is judged by 10 million against none, and by nothing less", () => {
  const growth = (sizes: readonly (readonly [number, number])[]) =>
    goal(
      only({
        name: "growth",
        contenders: [
          contender(
            "batched",
            "strategy",
            sizes.map(([at, rate]) => ({ at, rate })),
          ),
        ],
      }),
      "10 million",
    )
  expect(
    growth([
      [0, 1000],
      [1_000_000, 500],
      [10_000_000, 850],
    ]),
  ).toMatchObject({ reached: true })
  expect(
    growth([
      [0, 1000],
      [10_000_000, 849],
    ]),
  ).toMatchObject({ reached: false, figure: "84.90 %" })
  expect(
    growth([
      [0, 1000],
      [20_000, 990],
    ]),
  ).toBeUndefined()
})

describe("a flood", () => {
  const flood = (holds: number, figures: Record<string, number>): BenchReport => {
    const swept = { ...point({ rate: 1800, at: holds, offered: 1800 }), latencyMs: latency(2, 9) }
    const exact = Object.entries(figures).map(([name, value]) => [name, { ...spread(value), median: value }])
    return only({
      name: "flood",
      contenders: [
        {
          name: "batched",
          role: "strategy",
          points: [point({ rate: 18_000, at: 0 }), { ...swept, figures: Object.fromEntries(exact) }],
        },
      ],
    })
  }
  const usual = { sweepSeconds: 20, reserveP99UsualMs: 5, reserveP99DuringMs: 10 }

  test("of a million must end in under 30 s", () => {
    expect(goal(flood(1_000_000, { ...usual, sweepSeconds: 29.999 }), "overdue")).toMatchObject({
      reached: true,
    })
    expect(goal(flood(1_000_000, { ...usual, sweepSeconds: 30 }), "overdue")).toMatchObject({
      reached: false,
    })
  })

  test("must be felt less than threefold", () => {
    expect(goal(flood(1_000_000, usual), "Meanwhile")).toMatchObject({
      reached: true,
      figure: "2.00 x (10.0 for 5.0 ms)",
    })
    expect(goal(flood(1_000_000, { ...usual, reserveP99DuringMs: 15 }), "Meanwhile")).toMatchObject({
      reached: false,
    })
  })

  test("of fewer, or without what is usual, proves nothing", () => {
    expect(goalsOf(flood(20_000, usual))).toEqual([])
    expect(goal(flood(1_000_000, { ...usual, reserveP99UsualMs: Number.NaN }), "Meanwhile")).toBeUndefined()
  })
})

describe("memory", () => {
  const soak = (peakMiB: number, addedMiB: number, roundSeconds = 720): BenchReport => {
    const one = (value: number) => ({ median: value, min: value, max: value })
    const figures = { rssPeakMiB: one(peakMiB), rssAddedMiB: one(addedMiB), lastedSeconds: one(roundSeconds) }
    const busy = { ...point({ rate: 3000, offered: 3000 }), rounds: 5, figures }
    return only({
      name: "soak",
      contenders: [{ name: "batched", role: "strategy", points: [point({ rate: 6000 }), busy] }],
    })
  }

  test("must stay below 250 MB, and where it was", () => {
    expect(goal(soak(230, 9), "memory")).toMatchObject({ reached: true, figure: "230 MiB, 9.00 more" })
    expect(goal(soak(230, -20), "memory")).toMatchObject({ reached: true })
    expect(goal(soak(230, 10), "memory")).toMatchObject({ reached: false })
    expect(goal(soak(238.5, 0), "memory")).toMatchObject({ reached: false })
  })

  test("is judged by an hour, and by nothing less", () => {
    expect(goal(soak(230, 0, 719), "memory")).toBeUndefined()
  })
})

test("a run of size small is not judged", () => {
  expect(goalsOf({ ...report, size: "small" })).toEqual([])
  expect(goalsOf({ ...report, size: "quick" })).toHaveLength(12)
})
