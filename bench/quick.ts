/** `npm run bench -- --quick`: the strategies side by side on one hot level, in turns, with their unit counts. */
import { STRATEGIES, type StrategyName } from "earmark"
import {
  type Contender,
  checkSoldOut,
  closeContender,
  measureHotLevel,
  openContender,
  type Round,
} from "./hot-level.ts"
import type { MeasuredServer } from "./server.ts"

export interface QuickOptions {
  readonly rounds: number
  readonly seconds: number
  readonly callers: number
  readonly poolSize: number
  /** Told of each step: how far it is, and what comes next. */
  readonly progress: (done: number, all: number, next: string) => void
}

export interface QuickResult {
  readonly strategy: StrategyName
  /** Medians over the rounds. */
  readonly rate: number
  readonly rateMin: number
  readonly rateMax: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** One caller, nobody else: what a reserve takes when it has nobody to share with. */
  readonly aloneP50Ms: number
  readonly oversold: number
  readonly leaked: number
}

const WARM_UP_SECONDS = 1
const ALONE_SECONDS = 0.5
const SOLD_OUT = { callers: 2000, units: 500 }

export async function runQuick(server: MeasuredServer, options: QuickOptions): Promise<QuickResult[]> {
  const contenders: Contender[] = []
  for (const name of STRATEGIES) contenders.push(await openContender(server, name, options.poolSize))
  const rounds = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]))
  const { callers, seconds } = options
  const steps = contenders.length * (options.rounds + 1)
  let done = 0
  for (const contender of contenders) {
    options.progress(done++, steps, `warming up ${contender.name}`)
    await measureHotLevel(contender, { callers, seconds: WARM_UP_SECONDS })
  }
  // In turns, A B C D A B C D, so that whatever else the machine does meets all of them.
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const contender of contenders) {
      options.progress(done++, steps, `${contender.name}, round ${round} of ${options.rounds}`)
      await server.query("checkpoint")
      rounds.get(contender)?.push(await measureHotLevel(contender, { callers, seconds }))
    }
  }
  const results: QuickResult[] = []
  for (const contender of contenders) {
    results.push(await summarise(contender, rounds.get(contender) ?? []))
    await closeContender(server, contender)
  }
  return results
}

async function summarise(contender: Contender, rounds: readonly Round[]): Promise<QuickResult> {
  const alone = await measureHotLevel(contender, { callers: 1, seconds: ALONE_SECONDS })
  const soldOut = await checkSoldOut(contender, SOLD_OUT)
  const of = (member: keyof Round) => rounds.map((round) => round[member]).sort((a, b) => a - b)
  const sum = (member: "oversold" | "leaked") =>
    [...rounds, alone, soldOut].reduce((total, round) => total + round[member], 0)
  return {
    strategy: contender.name,
    rate: median(of("rate")),
    rateMin: of("rate")[0] ?? 0,
    rateMax: of("rate").at(-1) ?? 0,
    p50Ms: median(of("p50Ms")),
    p99Ms: median(of("p99Ms")),
    aloneP50Ms: alone.p50Ms,
    oversold: sum("oversold"),
    leaked: sum("leaked"),
  }
}

function median(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
