import { setTimeout as pause } from "node:timers/promises"
import { openStock, reserveOneOfEach, type Stock } from "../engine-contender.ts"
import { fill } from "../fill.ts"
import { applyLoad } from "../load/apply-load.ts"
import type { Timed } from "../load/closed-loop.ts"
import { runOpenLoop } from "../load/open-loop.ts"
import { chooseUniformly, createRandom } from "../random.ts"
import type { SizeName } from "../result.ts"
import type { Contender, Load, Measurement, Scenario, Surroundings } from "../scenario.ts"
import { type Sweeper, startSweeper } from "../sweeper.ts"

const HOLDS: Readonly<Record<SizeName, number>> = { small: 2000, quick: 20_000, full: 1_000_000 }
/** Flooded ones; there are as many beside them, and requests go to all alike. */
const LEVELS: Readonly<Record<SizeName, number>> = { small: 20, quick: 200, full: 1000 }
const CALLERS: Readonly<Record<SizeName, number>> = { small: 32, quick: 256, full: 256 }
/** What a shop would ask at a quiet hour, with room for the sweeper beside it on a small machine. */
const OPEN_SHARE = 0.1
const SEED = 1

/** The shortest; the first are overdue while the last are made, and nobody takes them back. */
const TTL_SECONDS = 1
/** Beyond the deadline of the last. */
const OVERDUE_MS = TTL_SECONDS * 1000 + 200

const ROUND_SECONDS: Readonly<Record<SizeName, number>> = { small: 3, quick: 5, full: 100 }

const batched: Contender = {
  name: "batched",
  role: "strategy",
  async open(surroundings) {
    const { server, size, poolSize, stopping } = surroundings
    const stock = await openStock(surroundings, "batched", 2 * LEVELS[size])
    const sweeper = await startSweeper({ databaseUrl: server.url, schema: stock.schema, poolSize })
    const choose = chooseUniformly(stock.opened.units.skus.length, createRandom(SEED))
    const ask = async (caller: number) => {
      await reserveOneOfEach(stock.opened, [choose()], { customerId: `c-${caller}` })
    }
    let usualP99Ms = Number.NaN
    return {
      async measure(load, seconds) {
        if (load.loop === "open" && load.at !== 0) {
          return underFlood({ surroundings, stock, sweeper, ask }, load.perSecond, usualP99Ms)
        }
        const timed = await applyLoad(load, { seconds, stopping, ask })
        await server.profile?.stop()
        if (load.loop === "open") usualP99Ms = p99Ms(timed)
        return { ...timed, ...(await stock.opened.units.count()) }
      },
      async close() {
        await sweeper.stop()
        await stock.close()
      },
    }
  },
}

export const flood: Scenario = {
  name: "flood",
  title: "Expiry flood",
  question:
    "When a flood of holds is overdue at once, how fast does a worker give the units back, " +
    "and what do requests notice of it meanwhile? (The worker is a thread with connections of its own.)",
  counted: "reservations",
  axis: { name: "overdue holds", scale: "linear" },
  contenders: [batched],
  loads(size): Load[] {
    const [holds, callers] = [HOLDS[size], CALLERS[size]]
    const share = { loop: "open", shareOfHighest: OPEN_SHARE } as const
    const during = `while ${holds.toLocaleString("en")} overdue holds are given back`
    return [
      { loop: "closed", at: 0, label: `${callers} callers, nothing overdue`, callers },
      { ...share, at: 0, label: "nothing overdue" },
      { ...share, at: holds, label: during, roundSeconds: ROUND_SECONDS[size] },
    ]
  },
}

interface Flooded {
  readonly surroundings: Surroundings
  readonly stock: Stock
  readonly sweeper: Sweeper
  readonly ask: (index: number) => Promise<void>
}

async function underFlood(flooded: Flooded, perSecond: number, usualP99Ms: number): Promise<Measurement> {
  const { surroundings, stock, sweeper, ask } = flooded
  const { stopping, say, server, size } = surroundings
  const { units } = stock.opened
  const holds = HOLDS[size]
  const levelOf = (index: number) => index % LEVELS[size]
  await fill(surroundings, {
    count: holds,
    what: "holds that will be overdue",
    make: async (index) => {
      await reserveOneOfEach(stock.opened, [levelOf(index)], { ttlSeconds: TTL_SECONDS })
    },
  })
  await pause(OVERDUE_MS)
  await server.checkpoint()
  await server.profile?.begin()
  say("sweeping")
  let isSwept = false
  const swept = sweeper.sweep(holds).finally(() => {
    isSwept = true
  })
  const [timed, sweepSeconds] = await Promise.all([
    runOpenLoop({ perSecond, isOver: () => isSwept || stopping.aborted, ask }),
    Promise.race([swept, rejectedWith(stopping)]),
  ])
  await server.profile?.stop()
  for (let index = 0; index < holds; index += 1) units.release(levelOf(index))
  return {
    ...timed,
    ...(await units.count()),
    profiled: holds,
    figures: {
      sweepSeconds,
      holdsPerSecond: holds / sweepSeconds,
      reserveP99UsualMs: usualP99Ms,
      reserveP99DuringMs: p99Ms(timed),
    },
  }
}

function p99Ms({ latencies }: Timed): number {
  return latencies.getValueAtPercentile(99) / 1000
}

function rejectedWith(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const rejectNow = () => reject(signal.reason)
    if (signal.aborted) rejectNow()
    else signal.addEventListener("abort", rejectNow, { once: true })
  })
}
