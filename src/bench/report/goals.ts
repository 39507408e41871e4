/** What was to be reached, as far as the report tells. Ratios are of highest rates within one run. */
import type { BenchReport, PointResult } from "../result.ts"
import { formatCount, formatMs } from "./format.ts"
import {
  closedPoints,
  contenderOf,
  highestRate,
  limitOf,
  openPoints,
  ratio,
  scenarioOf,
  unitsWrong,
} from "./select.ts"

export interface Goal {
  /** For readers who know nothing of the scenarios. */
  readonly sentence: string
  readonly figure: string
  readonly reached: boolean
}

/**
 * A goal that cannot be judged by what was measured is left out, and so is one that is about a size not measured. A run
 * of size small has none: its loads are so light that their ratios say nothing about those of a full run.
 */
export function goalsOf(report: BenchReport): readonly Goal[] {
  if (report.size === "small") return []
  return [
    sharingPays(report),
    closeToTheLimit(report),
    httpCostsLittle(report),
    httpIsPrompt(report),
    soldOutIsFast(report),
    ...spreadingIsFree(report),
    wholeLifeIsCheap(report),
    historyIsFree(report, "batched", "With 10 million finished reservations in the tables"),
    historyIsFree(
      report,
      "batched-keyed",
      "With 10 million finished reservations and their keys, and a key in each request",
    ),
    floodEnds(report),
    floodIsNotFelt(report),
    memoryIsFlat(report),
    ...redisIsWorthIt(report),
    ...tellingCostsLittle(report),
  ].filter((goal) => goal !== undefined)
}

function sharingPays(report: BenchReport): Goal | undefined {
  const hot = scenarioOf(report, "hot")
  const times = ratio(
    highestRate(contenderOf(hot, "batched")),
    highestRate(contenderOf(hot, "atomic-update")),
  )
  if (times === undefined) return undefined
  return {
    sentence: "On one hot stock level, batched reserves at least 10 times as fast as atomic-update.",
    figure: `${floored(times)} x`,
    reached: times >= 10,
  }
}

function closeToTheLimit(report: BenchReport): Goal | undefined {
  const hot = scenarioOf(report, "hot")
  const share = ratio(highestRate(contenderOf(hot, "batched")), highestRate(limitOf(hot)))
  return atLeast(
    share,
    0.7,
    "The engine reaches at least 70 % of what a bare driver loop over the same statements does.",
  )
}

function httpCostsLittle(report: BenchReport): Goal | undefined {
  const http = scenarioOf(report, "http")
  const share = ratio(highestRate(contenderOf(http, "batched")), highestRate(limitOf(http)))
  return atLeast(
    share,
    0.4,
    "Over HTTP, at least 40 % of what bare Fastify answers with nothing behind it is reached.",
  )
}

/** Open loops are sized by what was measured just before, so a share is never met to the digit. */
const FIFTH = { min: 0.15, max: 0.25 }
const PROMPT_MS = 10

function httpIsPrompt(report: BenchReport): Goal | undefined {
  const batched = contenderOf(scenarioOf(report, "http"), "batched")
  if (!batched) return undefined
  const isFifth = ({ offeredPerSecond }: PointResult) => {
    const share = ratio(offeredPerSecond ?? undefined, highestRate(batched))
    return share !== undefined && share >= FIFTH.min && share <= FIFTH.max
  }
  const p99Ms = openPoints(batched).find(isFifth)?.latencyMs?.p99
  if (p99Ms === undefined) return undefined
  return {
    sentence: "At a fifth of the highest rate, 99 of 100 reservations over HTTP are answered in under 10 ms.",
    figure: `${floored(p99Ms)} ms`,
    reached: p99Ms < PROMPT_MS,
  }
}

function soldOutIsFast(report: BenchReport): Goal | undefined {
  const batched = contenderOf(scenarioOf(report, "storm"), "batched")
  const rate = highestRate(batched)
  if (!batched || rate === undefined) return undefined
  const { oversold, leaked } = unitsWrong([batched])
  return {
    sentence:
      "A rush for stock that sells out gets at least 50,000 answers a second, and exactly the units that exist are granted.",
    figure: `${formatCount(Math.floor(rate))} a second, ${formatCount(oversold + leaked)} units wrong`,
    reached: rate >= 50_000 && oversold + leaked === 0,
  }
}

function spreadingIsFree(report: BenchReport): (Goal | undefined)[] {
  const share = (name: string) => {
    const scenario = scenarioOf(report, name)
    return ratio(
      highestRate(contenderOf(scenario, "batched")),
      highestRate(contenderOf(scenario, "batched-one-level")),
    )
  }
  const wide = (asked: string) =>
    `10,000 stock levels asked for ${asked} are served at no less than 80 % of the rate of a single one.`
  return [
    atLeast(share("wide-uniform"), 0.8, wide("evenly")),
    atLeast(share("wide-zipf"), 0.8, wide("as sales go, few of them often (Zipf),")),
    atLeast(
      share("baskets"),
      0.45,
      "Baskets of three lines are served at no less than 45 % of the rate of one line.",
    ),
  ]
}

function wholeLifeIsCheap(report: BenchReport): Goal | undefined {
  const life = scenarioOf(report, "life")
  const share = ratio(
    highestRate(contenderOf(life, "batched")),
    highestRate(contenderOf(life, "batched-reserve-only")),
  )
  return atLeast(
    share,
    0.45,
    "Reserving and then confirming or releasing reaches at least 45 % of the rate of reserving alone.",
  )
}

const MUCH_HISTORY = 10_000_000

function historyIsFree(report: BenchReport, name: string, where: string): Goal | undefined {
  const batched = contenderOf(scenarioOf(report, "growth"), name)
  if (!batched) return undefined
  const rateAt = (size: number) => closedPoints(batched).find(({ at }) => at === size)?.rate.median
  return atLeast(
    ratio(rateAt(MUCH_HISTORY), rateAt(0)),
    0.85,
    `${where}, at least 85 % of the rate with none is kept.`,
  )
}

/** A run of a smaller size floods with fewer, which proves nothing about a million. */
const FLOOD_HOLDS = 1_000_000

function floodPoint(report: BenchReport): PointResult | undefined {
  const batched = contenderOf(scenarioOf(report, "flood"), "batched")
  return batched?.points.find((point) => (point.at ?? 0) >= FLOOD_HOLDS && median(point, "sweepSeconds"))
}

function floodEnds(report: BenchReport): Goal | undefined {
  const seconds = median(floodPoint(report), "sweepSeconds")
  if (seconds === undefined) return undefined
  return {
    sentence: "A million overdue holds are given back in under 30 seconds.",
    figure: `${floored(seconds)} s`,
    reached: seconds < 30,
  }
}

function floodIsNotFelt(report: BenchReport): Goal | undefined {
  const point = floodPoint(report)
  const usualMs = median(point, "reserveP99UsualMs")
  const duringMs = median(point, "reserveP99DuringMs")
  const times = ratio(duringMs, usualMs)
  if (times === undefined || usualMs === undefined || duringMs === undefined) return undefined
  return {
    sentence: "Meanwhile, 99 of 100 new reservations are answered in under 3 times the usual time.",
    figure: `${floored(times)} x (${formatMs(duringMs)} for ${formatMs(usualMs)} ms)`,
    reached: times < 3,
  }
}

/** A shorter soak proves nothing. */
const SOAK_SECONDS = 3600
const MEMORY_MIB_MAX = 250e6 / 2 ** 20
/** What lies about between two collections makes as much of a difference in any process. */
const ADDED_MIB_MAX = 10

function memoryIsFlat(report: BenchReport): Goal | undefined {
  const batched = contenderOf(scenarioOf(report, "soak"), "batched")
  const point = batched && openPoints(batched).at(0)
  const { rssPeakMiB: peak, rssAddedMiB: added, lastedSeconds: lasted } = point?.figures ?? {}
  if (!point || !peak || !added || !lasted || point.rounds * lasted.min < SOAK_SECONDS) return undefined
  return {
    sentence:
      "Under an hour of load the service never takes 250 MB of memory, and at no later look 10 MiB more than at the first.",
    figure: `${floored(peak.max)} MiB, ${floored(added.max)} more`,
    reached: peak.max < MEMORY_MIB_MAX && added.max < ADDED_MIB_MAX,
  }
}

function atLeast(share: number | undefined, least: number, sentence: string): Goal | undefined {
  return share === undefined
    ? undefined
    : { sentence, figure: `${floored(share * 100)} %`, reached: share >= least }
}

function median(point: PointResult | undefined, figure: string): number | undefined {
  const value = point?.figures[figure]?.median
  // What was not measured may be there as not a number, which JSON says as null.
  return Number.isFinite(value) ? value : undefined
}

/** 0.29 * 100 is a little less than 29. */
const FLOATING_ERROR = 1e-9

/** Never rounded up: 9.996 must not read as the 10 that was missed. */
function floored(value: number): string {
  const digits = value < 100 ? 2 : 0
  return (Math.floor(value * 10 ** digits + FLOATING_ERROR) / 10 ** digits).toFixed(digits)
}

const BURST = 200_000

function redisIsWorthIt(report: BenchReport): (Goal | undefined)[] {
  const scenario = scenarioOf(report, "redis")
  const redis = contenderOf(scenario, "redis")
  const rate = highestRate(redis)
  const times = (other: string) => ratio(rate, highestRate(contenderOf(scenario, other)))
  const open = redis && openPoints(redis)[0]
  const burst = redis && closedPoints(redis).find((point) => (median(point, "granted") ?? 0) >= BURST)
  const [ofLoop, ofBatched, p99Ms] = [times("one-call"), times("batched"), open?.latencyMs?.p99]
  const [perSecond, seconds] = [median(burst, "persistedPerSecond"), median(burst, "persistSeconds")]
  return [
    ofLoop === undefined
      ? undefined
      : {
          sentence:
            "Redis grants at least 1.5 times as fast as a pipelined loop of one call for each reservation.",
          figure: `${floored(ofLoop)} x`,
          reached: ofLoop >= 1.5,
        },
    ofBatched === undefined
      ? undefined
      : {
          sentence: "Redis grants at least twice as fast as batched reserves.",
          figure: `${floored(ofBatched)} x`,
          reached: ofBatched >= 2,
        },
    p99Ms === undefined
      ? undefined
      : {
          sentence: "At a fifth of the highest rate, 99 of 100 grants of Redis are answered in under 10 ms.",
          figure: `${floored(p99Ms)} ms`,
          reached: p99Ms < PROMPT_MS,
        },
    perSecond === undefined
      ? undefined
      : {
          sentence: "Workers persist at least 20,000 reservations a second.",
          figure: `${formatCount(Math.floor(perSecond))} a second`,
          reached: perSecond >= 20_000,
        },
    seconds === undefined
      ? undefined
      : {
          sentence: "A burst of 200,000 grants is persisted in under 15 seconds.",
          figure: `${floored(seconds)} s`,
          reached: seconds < 15,
        },
  ]
}

function tellingCostsLittle(report: BenchReport): (Goal | undefined)[] {
  const scenario = scenarioOf(report, "events")
  const quiet = highestRate(contenderOf(scenario, "quiet"))
  return [
    { name: "stream", to: "a Redis stream" },
    { name: "kafka", to: "Kafka" },
  ].flatMap(({ name, to }) => {
    const contender = contenderOf(scenario, name)
    const share = ratio(highestRate(contender), quiet)
    const perSecond = contender && median(closedPoints(contender)[0], "handedOnPerSecond")
    return [
      atLeast(share, 0.9, `Selling keeps 90 % of its rate while events are handed on to ${to}.`),
      perSecond === undefined
        ? undefined
        : {
            sentence: `At least 10,000 events a second are handed on to ${to}.`,
            figure: `${formatCount(Math.floor(perSecond))} a second`,
            reached: perSecond >= 10_000,
          },
    ]
  })
}
