/** A made-up report with plausible numbers: none of them was measured. */
import type {
  BenchReport,
  ContenderResult,
  ContenderRole,
  Latency,
  PointResult,
  ScenarioResult,
  Spread,
} from "../../src/bench/result.ts"

export function spread(median: number): Spread {
  return { median, min: median * 0.96, max: median * 1.02 }
}

/** A tail that gets heavier towards its end, as tails do. */
export function latency(p50: number, p99: number): Latency {
  const steepness = Math.log(p99 / p50) / Math.log(50)
  const at = (percentile: number) => p50 * (1 / (1 - percentile / 100) / 2) ** steepness
  const percentiles = [
    0, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92, 94, 95, 96, 97, 98, 99, 99.5, 99.9, 99.95, 99.99,
  ]
  const max = at(99.999)
  return {
    p50,
    p90: at(90),
    p99,
    p999: at(99.9),
    max,
    curve: [...percentiles.map((percentile) => [percentile, at(percentile)] as const), [100, max] as const],
  }
}

interface PointDraft {
  readonly rate: number
  readonly at?: number
  readonly label?: string
  readonly offered?: number
  readonly ms?: readonly [number, number]
  readonly oversold?: number
  readonly leaked?: number
  readonly figures?: Readonly<Record<string, number>>
}

export function point({ rate, ms, offered, figures = {}, ...draft }: PointDraft): PointResult {
  return {
    at: draft.at ?? null,
    label: draft.label ?? (offered === undefined ? "256 callers" : "a fifth of the highest rate"),
    loop: offered === undefined ? "closed" : "open",
    offeredPerSecond: offered ?? null,
    rounds: 5,
    rate: spread(rate),
    latencyMs: ms ? latency(...ms) : null,
    oversold: draft.oversold ?? 0,
    leaked: draft.leaked ?? 0,
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, spread(value)])),
  }
}

export function contender(name: string, role: ContenderRole, points: readonly PointDraft[]): ContenderResult {
  return { name, role, points: points.map(point) }
}

/** Rates at 1, 16, 64, 256 and 1,024 callers, and latencies by the clock. */
function byCallers(rates: readonly number[], ms: readonly [number, number]): PointDraft[] {
  const highest = Math.max(...rates)
  const closed = rates.map((rate, index) => {
    const callers = [1, 16, 64, 256, 1024][index] ?? 1
    const p50 = (callers / rate) * 1000
    return { rate, at: callers, label: `${callers} callers`, ms: [p50, p50 * 1.9] as const }
  })
  return [...closed, { rate: highest / 5, offered: Math.round(highest / 5), ms }]
}

function untimed(rates: readonly number[]): PointDraft[] {
  return byCallers(rates, [1, 1]).flatMap(({ ms: _, ...draft }) => ("at" in draft ? [draft] : []))
}

export const hot: ScenarioResult = {
  name: "hot",
  title: "One hot stock level",
  question: "How many reservations a second are granted when everybody wants the same units?",
  counted: "reservations",
  axis: { name: "callers", scale: "log" },
  command: "npm run bench -- hot --size full",
  contenders: [
    contender("batched", "strategy", byCallers([1012, 9800, 21_400, 33_356, 36_900], [1.6, 3.9])),
    contender("atomic-update", "strategy", byCallers([1240, 1490, 1474, 1460, 1390], [1.1, 6.4])),
    contender("row-lock", "strategy", byCallers([960, 972, 951, 938, 902], [1.5, 8.8])),
    contender("optimistic", "strategy", byCallers([970, 640, 590, 550, 498], [1.4, 31])),
    contender("batched-keyed", "strategy", byCallers([980, 9100, 19_700, 30_900, 33_800], [1.7, 4.4])),
    contender("limit", "limit", untimed([1100, 12_100, 29_800, 44_700, 46_100])),
    contender(
      "broken",
      "broken",
      untimed([1180, 3120, 3450, 3390, 3310]).map((draft) => ({ ...draft, oversold: 8275 })),
    ),
  ],
}

const STORM = "100,000 callers for 500 units, 1024 at a time"

const storm: ScenarioResult = {
  name: "storm",
  title: "Sold-out storm",
  question: "What does a rush of 100,000 callers for 500 units get, and who gets the units?",
  counted: "answers",
  axis: null,
  command: "npm run bench -- storm --size full",
  contenders: [
    contender("batched", "strategy", [{ rate: 55_320, ms: [16.2, 28.4], label: STORM }]),
    contender("atomic-update", "strategy", [{ rate: 6110, ms: [164, 211], label: STORM }]),
    contender("row-lock", "strategy", [{ rate: 4120, ms: [244, 301], label: STORM }]),
    contender("optimistic", "strategy", [
      { rate: 4630, ms: [201, 402], label: STORM, figures: { turnedAway: 5210 } },
    ]),
    contender("broken", "broken", [{ rate: 5904, ms: [171, 260], label: STORM, oversold: 4187, leaked: 0 }]),
  ],
}

function wide(name: string, title: string, rate: number): ScenarioResult {
  return {
    name,
    title,
    question: "Does it stay as fast when 10,000 stock levels are asked for instead of one?",
    counted: "reservations",
    axis: null,
    command: `npm run bench -- ${name} --size full`,
    contenders: [
      contender("batched", "strategy", [{ rate, ms: [7.9, 15.2] }]),
      contender("atomic-update", "strategy", [{ rate: 3480, ms: [71, 99] }]),
      contender("row-lock", "strategy", [{ rate: 2210, ms: [113, 160] }]),
      contender("optimistic", "strategy", [{ rate: 2380, ms: [104, 171] }]),
      contender("batched-one-level", "strategy", [{ rate: 33_010, ms: [7.3, 14.1] }]),
    ],
  }
}

const baskets: ScenarioResult = {
  ...wide("baskets", "Baskets of three", 15_900),
  question: "What do three lines in one reservation cost, all or nothing?",
}

const life: ScenarioResult = {
  name: "life",
  title: "Whole life",
  question: "How many reservations a second are made and then confirmed or released?",
  counted: "reservations",
  axis: null,
  command: "npm run bench -- life --size full",
  contenders: [
    contender("batched", "strategy", [{ rate: 17_200, ms: [14.6, 25.8] }]),
    contender("atomic-update", "strategy", [{ rate: 712, ms: [352, 401] }]),
    contender("batched-reserve-only", "strategy", [{ rate: 33_200, ms: [7.2, 14.4] }]),
  ],
}

const flood: ScenarioResult = {
  name: "flood",
  title: "Expiry flood",
  question: "How long does it take to give back a million overdue holds, and does anybody else notice?",
  counted: "reservations",
  axis: { name: "overdue holds", scale: "linear" },
  command: "npm run bench -- flood --size full",
  contenders: [
    contender("batched", "strategy", [
      { rate: 18_200, at: 0, label: "256 callers, nothing overdue", ms: [13.9, 26.1] },
      { rate: 1820, at: 0, label: "nothing overdue", offered: 1820, ms: [1.7, 8.2] },
      {
        rate: 1815,
        at: 1_000_000,
        label: "while 1,000,000 overdue holds are given back",
        offered: 1820,
        ms: [2.4, 14.9],
        figures: {
          sweepSeconds: 22.4,
          holdsPerSecond: 44_640,
          reserveP99UsualMs: 8.2,
          reserveP99DuringMs: 14.9,
        },
      },
    ]),
  ],
}

const growth: ScenarioResult = {
  name: "growth",
  title: "Growth",
  question: "Is it still as fast with millions of finished reservations in the tables?",
  counted: "reservations",
  axis: { name: "finished reservations", scale: "linear" },
  command: "npm run bench -- growth --size full",
  contenders: [
    contender("batched", "strategy", [
      { rate: 33_100, at: 0, label: "0 finished reservations", ms: [7.3, 14.2] },
      { rate: 31_900, at: 1_000_000, label: "1,000,000 finished reservations", ms: [7.6, 15.1] },
      { rate: 30_200, at: 10_000_000, label: "10,000,000 finished reservations", ms: [8.0, 17.7] },
    ]),
  ],
}

const http: ScenarioResult = {
  name: "http",
  title: "Over HTTP",
  question: "What is left when validation, logs and metrics take part as shipped?",
  counted: "reservations",
  axis: { name: "connections", scale: "log" },
  command: "npm run bench -- http --size full",
  contenders: [
    contender("batched", "strategy", [
      { rate: 14_100, at: 64, label: "64 connections", ms: [4.4, 8.7] },
      { rate: 15_800, at: 256, label: "256 connections", ms: [15.4, 27.1] },
      { rate: 3160, offered: 3160, ms: [1.9, 5.8] },
    ]),
    contender("bare-fastify", "limit", [
      { rate: 37_900, at: 64, label: "64 connections", ms: [1.6, 3.1] },
      { rate: 36_400, at: 256, label: "256 connections", ms: [6.8, 11.9] },
      { rate: 7580, offered: 7580, ms: [0.4, 1.2] },
    ]),
  ],
}

export const report: BenchReport = {
  format: 1,
  command: "npm run bench -- --size full --expect 'batched/atomic-update>=10'",
  startedAt: "2026-11-20T15:54:54.684Z",
  tookSeconds: 3725,
  size: "full",
  machine: {
    cpu: "Made-up CPU @ 2.60GHz",
    cores: 2,
    memoryBytes: 24 * 1024 ** 3,
    platform: "linux x64",
    node: "v24.21.0",
  },
  earmark: { version: "0.1.0", commit: "0123abc" },
  postgres: {
    version: "18.4",
    origin: "private",
    settings: { fsync: "on", synchronous_commit: "on", shared_buffers: "256MB", max_connections: "100" },
  },
  scenarios: [
    hot,
    storm,
    wide("wide-uniform", "Wide catalogue, asked for evenly", 29_700),
    wide("wide-zipf", "Wide catalogue, few items sell most", 28_900),
    baskets,
    life,
    flood,
    growth,
    http,
  ],
  expectations: [
    { text: "batched/atomic-update>=10", scenario: "hot", value: 22.8, holds: true },
    { text: "batched/limit>=0.9", scenario: "hot", value: 0.746, holds: false },
  ],
}

/** The report with the first point of one contender changed. */
export function withPoint(
  { scenario, contender: name }: { scenario: string; contender: string },
  change: Partial<PointResult>,
): BenchReport {
  return {
    ...report,
    scenarios: report.scenarios.map((one) =>
      one.name !== scenario
        ? one
        : {
            ...one,
            contenders: one.contenders.map((each) =>
              each.name !== name
                ? each
                : { ...each, points: each.points.map((p, index) => (index === 0 ? { ...p, ...change } : p)) },
            ),
          },
    ),
  }
}
