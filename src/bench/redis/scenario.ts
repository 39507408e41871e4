/** One hot item over Redis: how fast it is granted, and how long it takes until everything is persisted. */
import { createEngine, type Engine } from "../../index.ts"
import type { RunningProcess } from "../http/listening-process.ts"
import { applyLoad } from "../load/apply-load.ts"
import { AskAgain } from "../load/ask-again.ts"
import { oneLevel } from "../one-level.ts"
import type { SizeName } from "../result.ts"
import type { Contender, Load, Scenario, Surroundings } from "../scenario.ts"
import { LOCATION, PLENTY, stockUp } from "../units.ts"
import { until } from "../until.ts"
import { startWorkerProcess } from "../worker-process.ts"
import { oneCall } from "./one-call.ts"
import { startRedis } from "./redis-server.ts"

const SKU = "DROP"
const CALLERS: Readonly<Record<SizeName, readonly number[]>> = {
  small: [64],
  quick: [256, 1024],
  full: [64, 256, 1024, 4096],
}
const OPEN_SHARE = 0.2
/** Grants of one round. */
const BURST: Readonly<Record<SizeName, number>> = { small: 2000, quick: 50_000, full: 200_000 }
/** Granting a burst, and persisting it. */
const ROUND_SECONDS: Readonly<Record<SizeName, number>> = { small: 4, quick: 10, full: 20 }
/** Until every process has heard that the item is hot, and Redis has its units. */
const HEAT_SECONDS = 12

/**
 * In a closed loop the workers stand still while a burst is granted, and then persist it alone: a sale that is over in
 * seconds. In the open loop a worker runs beside, as it does in operation.
 */
const granting: Contender = {
  name: "redis",
  role: "strategy",
  openSeconds: { small: HEAT_SECONDS, quick: HEAT_SECONDS, full: HEAT_SECONDS },
  async open(surroundings) {
    const { server, size, stopping } = surroundings
    const redis = await startRedis()
    const schema = server.freshSchema()
    const engine = await openRedisEngine(surroundings, redis.url, schema)
    const more = { REDIS_URL: redis.url, EARMARK_STRATEGY: "redis" }
    const startWorker = () => startWorkerProcess({ databaseUrl: server.url, schema, more })
    await stockUp(engine, [SKU], PLENTY)
    await engine.setHot({ sku: SKU, target: PLENTY })
    const heating = await startWorker()
    await until(
      async () => allottedOf(engine),
      (allotted) => allotted === PLENTY,
      stopping,
    )
    await heating.stop()

    const again = new AskAgain()
    const emptyBytes = await redis.usedBytes()
    let granted = 0
    let durable = 0
    const lines = [{ sku: SKU, quantity: 1, location: LOCATION }]
    const ask = async (caller: number) => {
      const answer = await again.untilAnswered(() => engine.reserve({ lines, customerId: `c-${caller}` }))
      if (answer.outcome !== "reserved") throw new Error(`a reserve was answered ${answer.outcome}`)
      if (answer.reservation.durability === "durable") durable += 1
      granted += 1
    }
    return {
      async measure(load, seconds) {
        const before = granted
        let worker: RunningProcess | undefined
        if (load.loop === "open") worker = await startWorker()
        const timed = await applyLoad(load, { seconds, stopping, ask, asksMax: BURST[size] })
        const inRound = granted - before
        const bytes = (await redis.usedBytes()) - emptyBytes
        worker ??= await startWorker()
        const startedMs = performance.now()
        const held = await until(
          async () => heldOf(engine),
          (units) => units >= granted,
          stopping,
        )
        const persistSeconds = (performance.now() - startedMs) / 1000
        await worker.stop()
        const burst = {
          persistSeconds,
          persistedPerSecond: inRound / persistSeconds,
          bytesEach: bytes / inRound,
        }
        return {
          ...timed,
          oversold: 0,
          leaked: Math.abs(held - granted),
          figures: {
            granted: inRound,
            ...(load.loop === "closed" ? burst : {}),
            ...(durable > 0 ? { byPostgres: durable } : {}),
            ...again.takeFigures(),
          },
        }
      },
      async close() {
        await engine.close()
        await redis.stop()
        await server.dropSchema(schema)
      },
    }
  },
}

export const redis: Scenario = {
  name: "redis",
  title: "One hot item over Redis",
  question:
    "How fast is a hot item granted from memory, and how long does it take a worker to persist a burst? " +
    "(`one-call` is a loop of one call for each reservation, and persists nothing.)",
  counted: "reservations",
  axis: { name: "callers", scale: "log" },
  contenders: [granting, oneLevel("batched"), oneCall],
  loads: (size): Load[] => [
    ...CALLERS[size].map(
      (callers): Load => ({
        loop: "closed",
        at: callers,
        label: `${callers} callers`,
        callers,
        roundSeconds: ROUND_SECONDS[size],
      }),
    ),
    {
      loop: "open",
      at: null,
      label: `${OPEN_SHARE * 100} % of its highest rate`,
      shareOfHighest: OPEN_SHARE,
    },
  ],
}

function openRedisEngine(
  { server, poolSize }: Surroundings,
  redisUrl: string,
  schema: string,
): Promise<Engine> {
  const holds = { ttlSecondsDefault: 86_400 }
  return createEngine({ databaseUrl: server.url, schema, strategy: "redis", redisUrl, poolSize, holds })
}

async function allottedOf(engine: Engine): Promise<number> {
  const [item] = await engine.hotItems()
  return item?.locations[0]?.allotted ?? 0
}

async function heldOf(engine: Engine): Promise<number> {
  return (await engine.availability(SKU))?.held ?? 0
}
