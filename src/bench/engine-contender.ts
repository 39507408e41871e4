/** A strategy as a contender: an engine as users open it, over a schema of its own, with stock for every caller. */
import { createEngine, type Engine, type ReserveRequest, type StrategyName } from "../index.ts"
import { applyLoad } from "./load/apply-load.ts"
import { AskAgain } from "./load/ask-again.ts"
import type { SizeName } from "./result.ts"
import type { Contender, Surroundings } from "./scenario.ts"
import { LOCATION, PLENTY, skuNames, stockUp, Units } from "./units.ts"

/** No hold may run out while its round is counted, or while later ones are. */
const TTL_SECONDS = 86_400

export interface EngineContender {
  readonly name?: string
  readonly strategy: StrategyName
  readonly levels: Readonly<Record<SizeName, number>>
  /** What one caller does from asking to being answered; it checks every answer and notes it in `units`. */
  readonly ask: (opened: Opened) => (caller: number) => Promise<void>
  /** What else its rate tells. */
  readonly figures?: (perSecond: number) => Record<string, number>
}

export interface Opened {
  readonly engine: Engine
  readonly units: Units
  readonly again: AskAgain
}

export interface Stock {
  readonly opened: Opened
  readonly schema: string
  close(): Promise<void>
}

export function engineContender(given: EngineContender): Contender {
  const { strategy, name = strategy, figures = () => ({}) } = given
  return {
    name,
    role: "strategy",
    openSeconds: {
      small: openSeconds(given.levels.small),
      quick: openSeconds(given.levels.quick),
      full: openSeconds(given.levels.full),
    },
    async open(surroundings) {
      const { opened, close } = await openStock(surroundings, strategy, given.levels[surroundings.size])
      const { stopping, server } = surroundings
      const ask = given.ask(opened)
      return {
        async measure(load, seconds) {
          const timed = await applyLoad(load, { seconds, stopping, ask })
          await server.profile?.stop()
          const told = { ...figures(timed.answers / timed.seconds), ...opened.again.takeFigures() }
          return { ...timed, ...(await opened.units.count()), figures: told }
        },
        close,
      }
    },
  }
}

/** Making the schema, and stocking up some 1,500 levels a second. */
function openSeconds(levels: number): number {
  return 1 + levels / 1500
}

/** Opens an engine over so many levels with plenty of units each. */
export async function openStock(
  surroundings: Surroundings,
  strategy: StrategyName,
  levels: number,
): Promise<Stock> {
  const { server } = surroundings
  const schema = server.freshSchema()
  const skus = skuNames(levels)
  // By the fastest strategy, whichever is measured afterwards.
  const holder = await openEngine(surroundings, "batched", schema)
  await stockUp(holder, skus, PLENTY).finally(() => holder.close())
  const engine = await openEngine(surroundings, strategy, schema)
  return {
    opened: { engine, units: new Units(engine, skus, PLENTY), again: new AskAgain() },
    schema,
    async close() {
      await engine.close()
      await server.dropSchema(schema)
    },
  }
}

export function openEngine(
  { server, poolSize }: Surroundings,
  strategy: StrategyName,
  schema: string,
): Promise<Engine> {
  const holds = { ttlSecondsDefault: TTL_SECONDS }
  return createEngine({ databaseUrl: server.url, schema, strategy, poolSize, holds })
}

/** Reserves one unit of each of these levels, all of which have plenty; returns the reservation's id. */
export async function reserveOneOfEach(
  { engine, units, again }: Opened,
  levels: readonly number[],
  more: Pick<ReserveRequest, "customerId" | "idempotencyKey" | "ttlSeconds"> = {},
): Promise<string> {
  const lines = levels.map((level) => ({ sku: units.skus[level] ?? "", quantity: 1, location: LOCATION }))
  const answer = await again.untilAnswered(() => engine.reserve({ lines, ...more }))
  if (answer.outcome !== "reserved") throw new Error(`a reserve was answered ${answer.outcome}`)
  for (const level of levels) units.grant(level)
  return answer.reservation.id
}
