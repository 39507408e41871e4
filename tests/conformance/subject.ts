/** What every conformance case is given: an engine of the strategy under test, and short words for setting a scene. */
import { setTimeout as pause } from "node:timers/promises"
import pg from "pg"
import type {
  CallerTransaction,
  Engine,
  HoldSettings,
  Reservation,
  ReserveRequest,
  StrategyName,
} from "../../src/index.ts"
import { createTestEngine } from "../support/engine.ts"

/** In the order in which they are asked. */
const LOCATIONS = ["LAX", "JFK", "SFO"] as const
type Units = Partial<Record<(typeof LOCATIONS)[number], number>>

export interface JournalRow {
  readonly kind: string
  readonly reservation: string | null
  readonly location: string
  readonly onHandDelta: number
  readonly heldDelta: number
  readonly reason: string | null
  readonly reference: string | null
  /** Equal for rows of one transaction. */
  readonly transaction: string
}

export interface Subject {
  readonly engine: Engine
  readonly strategy: StrategyName
  /** What another engine of this kind is opened with, beside its database. */
  readonly more: { readonly strategy: StrategyName; readonly redisUrl?: string }
  readonly pool: pg.Pool
  readonly url: string
  /** A new item with these units; answers its sku. */
  item(units: Units): Promise<string>
  /** A hold that must succeed. */
  hold(sku: string, quantity: number, more?: Partial<ReserveRequest>): Promise<Reservation>
  /** One that is overdue once `untilOverdue` has resolved. */
  shortHold(sku: string, quantity: number, more?: Partial<ReserveRequest>): Promise<Reservation>
  /** Waits for the database's clock to pass the deadline of every short hold. */
  untilOverdue(): Promise<void>
  /** `onHand held available` of each location that has a level, in the order in which they are asked. */
  levels(sku: string): Promise<Readonly<Record<string, string>>>
  /** Every change of the sku's levels, in the order in which they came; what passes to and from Redis is left out. */
  journal(sku: string): Promise<JournalRow[]>
  /** Runs inside a transaction of a connection of the caller's own; rolled back when `work` throws. */
  within<T>(work: (tx: CallerTransaction) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface SubjectOptions {
  readonly strategy: StrategyName
  readonly poolSize: number
  readonly holds?: Partial<HoldSettings>
}

export async function createSubject(options: SubjectOptions): Promise<Subject> {
  const test = await createTestEngine(options)
  const { engine, pool, url } = test
  let items = 0
  let lastDeadlineMs = 0
  for (const [index, code] of LOCATIONS.entries()) {
    await engine.putLocation({ code, name: code, priority: index + 1 })
  }
  const hold: Subject["hold"] = async (sku, quantity, more = {}) =>
    reservationOf(await engine.reserve({ lines: [{ sku, quantity }], ...more }))
  return {
    ...test,
    strategy: options.strategy,
    async item(units) {
      items += 1
      const sku = `ITEM-${String(items).padStart(4, "0")}`
      await engine.putItem({ sku, name: `Item ${items}` })
      for (const [location, delta] of Object.entries(units)) {
        await engine.adjust({ sku, location, delta, reason: "received" })
      }
      await test.heat(sku)
      return sku
    },
    hold,
    async shortHold(sku, quantity, more = {}) {
      const reservation = await hold(sku, quantity, { ...more, ttlSeconds: 1 })
      lastDeadlineMs = Math.max(lastDeadlineMs, reservation.expiresAt.getTime())
      return reservation
    },
    untilOverdue: () => untilDatabaseTime(pool, lastDeadlineMs),
    async levels(sku) {
      const { locations = [] } = (await engine.availability(sku)) ?? {}
      return Object.fromEntries(
        locations.map(({ location, onHand, held, available }) => [
          location,
          `${onHand} ${held} ${available}`,
        ]),
      )
    },
    async journal(sku) {
      // With the strategy `redis`: what is granted is persisted before.
      await engine.item(sku)
      return readJournal(pool, sku)
    },
    within: (work) => withinTransaction(url, work),
  }
}

/** As it reads once a worker has persisted it; with most strategies it is so from the beginning. */
export function persisted(reservation: Reservation): Reservation {
  return { ...reservation, durability: "durable" }
}

export function reservationOf(outcome: { outcome: string; reservation?: Reservation }): Reservation {
  if (outcome.outcome === "reserved" && outcome.reservation) return outcome.reservation
  throw new Error(`not reserved: ${JSON.stringify(outcome)}`)
}

async function untilDatabaseTime(pool: pg.Pool, ms: number): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ left_ms: string }>(
      "select ceil($1::bigint - extract(epoch from clock_timestamp()) * 1000) as left_ms",
      [ms],
    )
    const leftMs = Number(rows[0]?.left_ms)
    if (leftMs <= 0) return
    await pause(leftMs)
  }
}

async function readJournal(pool: pg.Pool, sku: string): Promise<JournalRow[]> {
  const { rows } = await pool.query<Record<string, string | null>>(
    `select j.kind, 'rsv_' || replace(j.reservation_id::text, '-', '') as reservation, s.location,
       j.on_hand_delta, j.held_delta, j.reason, j.reference, j.xmin::text as transaction
     from earmark.journal j
     join earmark.stock_levels s on s.id = j.stock_level_id
     where s.sku = $1 and j.kind not in ('allotted', 'drawn', 'given_back')
     order by j.occurred_at, s.location, j.version`,
    [sku],
  )
  return rows.map((row) => ({
    kind: String(row["kind"]),
    reservation: row["reservation"] ?? null,
    location: String(row["location"]),
    onHandDelta: Number(row["on_hand_delta"]),
    heldDelta: Number(row["held_delta"]),
    reason: row["reason"] ?? null,
    reference: row["reference"] ?? null,
    transaction: String(row["transaction"]),
  }))
}

async function withinTransaction<T>(url: string, work: (tx: CallerTransaction) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("begin")
    const result = await work(client)
    await client.query("commit")
    return result
  } catch (error) {
    await client.query("rollback")
    throw error
  } finally {
    await client.end()
  }
}
