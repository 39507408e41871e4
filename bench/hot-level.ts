/** One stock level that everybody wants. Each call is a full, durable record: reservation, line, journal, indexes. */
import type { Engine, StrategyName } from "earmark"
import { createEngine, EarmarkError } from "earmark"
import hdr from "hdr-histogram-js"
import { freshSchema, type MeasuredServer } from "./server.ts"

/** Never sold out by what a run can take. */
const PLENTY = 1_000_000_000
const LOCATION = "LAX"

export interface Contender {
  readonly name: StrategyName
  readonly engine: Engine
  readonly schema: string
}

export interface Round {
  /** Reservations a second. */
  readonly rate: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Units granted beyond what there was. */
  readonly oversold: number
  /** Units that are held and that nobody was granted, or the other way round. */
  readonly leaked: number
}

export async function openContender(
  server: MeasuredServer,
  name: StrategyName,
  poolSize: number,
): Promise<Contender> {
  const schema = freshSchema()
  const engine = await createEngine({ databaseUrl: server.url, schema, strategy: name, poolSize })
  await engine.putLocation({ code: LOCATION, name: LOCATION })
  return { name, engine, schema }
}

export async function closeContender(server: MeasuredServer, { engine, schema }: Contender): Promise<void> {
  await engine.close()
  await server.query(`drop schema ${schema} cascade`)
}

/** Closed loop: every caller asks again as soon as it is answered. Finds the highest rate, not a latency promise. */
export async function measureHotLevel(
  { engine }: Contender,
  { callers, seconds }: { callers: number; seconds: number },
): Promise<Round> {
  const sku = await stockUp(engine, PLENTY)
  const latencies = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 })
  const startedMs = performance.now()
  const endMs = startedMs + seconds * 1000
  let granted = 0
  const caller = async (customerId: string) => {
    for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
      const { outcome } = await engine.reserve({
        lines: [{ sku, quantity: 1, location: LOCATION }],
        customerId,
      })
      if (outcome !== "reserved") throw new Error(`a reserve was answered ${outcome}`)
      granted += 1
      latencies.recordValue(Math.max(1, Math.round((performance.now() - nowMs) * 1000)))
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, index) => caller(`c-${index}`)))
  const tookSeconds = (performance.now() - startedMs) / 1000
  return {
    rate: granted / tookSeconds,
    p50Ms: latencies.getValueAtPercentile(50) / 1000,
    p99Ms: latencies.getValueAtPercentile(99) / 1000,
    ...(await countUnits(engine, { sku, supplied: PLENTY, granted })),
  }
}

/** Far more callers than units, all at once: exactly the units that exist may be granted. */
export async function checkSoldOut(
  { engine }: Contender,
  { callers, units }: { callers: number; units: number },
): Promise<Pick<Round, "oversold" | "leaked">> {
  const sku = await stockUp(engine, units)
  const outcomes = await Promise.all(Array.from({ length: callers }, () => reserveOne(engine, sku)))
  const granted = outcomes.filter(({ outcome }) => outcome === "reserved").length
  const counts = await countUnits(engine, { sku, supplied: units, granted })
  // Units that nobody got although somebody was refused are as bad as lost.
  return { ...counts, leaked: counts.leaked + Math.max(0, units - granted) }
}

/** A strategy that cannot keep up refuses some without doing anything; those ask again. */
const TRIES_MAX = 20

async function reserveOne(engine: Engine, sku: string) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await engine.reserve({ lines: [{ sku, quantity: 1, location: LOCATION }] })
    } catch (error) {
      if (!(error instanceof EarmarkError) || !error.notApplied || tried === TRIES_MAX) throw error
    }
  }
}

async function stockUp(engine: Engine, units: number): Promise<string> {
  const sku = `ITEM-${Math.random().toString(36).slice(2, 10)}`
  await engine.putItem({ sku, name: sku })
  await engine.adjust({ sku, location: LOCATION, delta: units, reason: "received" })
  return sku
}

async function countUnits(
  engine: Engine,
  { sku, supplied, granted }: { sku: string; supplied: number; granted: number },
): Promise<Pick<Round, "oversold" | "leaked">> {
  const level = await engine.availability(sku)
  if (!level) throw new Error(`${sku} is gone`)
  return { oversold: Math.max(0, granted - supplied), leaked: Math.abs(level.held - granted) }
}
