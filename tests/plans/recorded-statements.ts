/** The texts of the statements that engines really send, by their short names. */
import { randomUUID } from "node:crypto"
import type pg from "pg"
import type { Grant } from "../../src/core/allotments.ts"
import { createIds } from "../../src/engine/context.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { decodeCursor } from "../../src/events/cursor.ts"
import { createEventFeed } from "../../src/events/event-feed.ts"
import { createEngine, type Engine, POSTGRES_STRATEGIES } from "../../src/index.ts"
import { createAllotmentStore } from "../../src/postgres/allotment-store.ts"
import { createFeedStore } from "../../src/postgres/feed/feed-store.ts"
import type { Reader } from "../../src/postgres/reader.ts"
import type { Standing } from "../../src/postgres/replica/marks.ts"
import { NotUsable, readReplica } from "../../src/postgres/replica/read-replica.ts"
import { takeMark } from "../../src/postgres/replica/standing.ts"
import { createSinkStore } from "../../src/postgres/sinks/sink-store.ts"
import { createStore } from "../../src/postgres/store.ts"
import { STRATEGY_FACTORIES } from "../../src/postgres/strategies.ts"
import { recordVerification } from "../../src/postgres/verifications.ts"
import { createDeliveryStore } from "../../src/postgres/webhooks/delivery-store.ts"
import { createWebhookStore } from "../../src/postgres/webhooks/webhook-store.ts"
import { openInterceptedPool } from "../support/intercepted-pool.ts"

/** Inside a caller's transaction statements have no names; this one is sent nowhere else. */
const ONLY_WITHIN = /stock_levels s where s\.sku = any\(\$1::text\[\]\)\)\)/

/** Calls everything with every strategy. */
export async function record(url: string): Promise<ReadonlyMap<string, string>> {
  const statements = new Map<string, string>()
  for (const [index, strategy] of POSTGRES_STRATEGIES.entries()) {
    let loseCommit = false
    const pool = openInterceptedPool(url, 1, ({ name, text }, client) => {
      if (name === "commit" && loseCommit) {
        loseCommit = false
        client.connection.stream.destroy()
      }
      // Not the ends of transactions, nor what is asked of the server itself.
      if (/^\s*(select|insert|update|delete|with)\b/.test(text) && !/pg_(settings|stat_force)/.test(text)) {
        statements.set(ONLY_WITHIN.test(text) ? "overdue_of_skus" : name, text)
      }
      return undefined
    })
    const engine = await createEngine({ pool, strategy, migrate: false })
    await callEverything(engine, pool, index, () => {
      loseCommit = true
    })
    await pool.query("select pg_stat_force_next_flush()")
    await engine.close()
    await pool.end()
  }
  const pool = openInterceptedPool(url, 1, ({ name, text }) => {
    if (/^\s*(select|insert|update|delete|with)\b/.test(text) && !/pg_(settings|stat_force)/.test(text)) {
      statements.set(name, text)
    }
    return undefined
  })
  await callAllotments(pool)
  await askAboutReplicas(pool)
  await callSinks(pool)
  await callWebhooks(pool)
  const database = { pool, schema: "earmark", observer: SILENT_OBSERVER }
  await recordVerification(database, { durationMs: 1, version: "0" }, [])
  await pool.query("select pg_stat_force_next_flush()")
  await pool.end()
  return statements
}

/** What the Redis hot path says to Postgres. */
async function callAllotments(pool: pg.Pool): Promise<void> {
  const database = { pool, schema: "earmark", observer: SILENT_OBSERVER }
  const store = createAllotmentStore(database)
  const strategy = STRATEGY_FACTORIES.batched(database)
  const place = { sku: "S1", location: "LAX" }
  const ids = createIds()
  const grant = (last: number): Grant => ({
    id: ids.next(last),
    customerId: null,
    lines: [{ ...place, quantity: 1 }],
    ttlSeconds: 60,
    createdAtMs: Date.now(),
    metadata: {},
    key: { key: `granted-${last}`, fingerprint: randomUUID() },
  })
  await store.space()
  const { setHot, hotItems } = createStore(database)
  await setHot(place.sku, 5)
  await hotItems()
  await store.alone(0, async () => {
    await store.saw([0])
    await store.fence(0, 0)
    await store.beginEpoch(0, { from: 0, to: 1 })
    await store.open(0, 1)
  })
  await strategy.submit({ kind: "allot", ...place, epoch: 1, allottedTotal: 5 })
  await store.hotState()
  await store.allotted([place.sku])
  await strategy.submit({ kind: "persist", epoch: 1, grants: [grant(1)] })
  await strategy.submit({ kind: "give_back", ...place, epoch: 1, returnedTotal: 2 })
  await strategy.submit({ kind: "close_allotment", ...place, epoch: 2 })
  await store.reservationsOfKeys([randomUUID()])
  await strategy.submit({ kind: "revoke_lost", epoch: 1, grants: [grant(2)] })
  await store.isRevoked(grant(2).id)
  await strategy.close()
}

/** What a relay says to Postgres, and who looks after its sinks. */
async function callSinks(pool: pg.Pool): Promise<void> {
  const sinks = createSinkStore({ pool, schema: "earmark", observer: SILENT_OBSERVER })
  const owner = randomUUID()
  await sinks.open("kafka", "cursor")
  await sinks.claim("kafka", owner)
  await sinks.move("kafka", owner, { from: "cursor", cursor: "next", refused: [] })
  await sinks.failed("kafka", owner, "nobody is there")
  await sinks.deadEvents({ ids: [1] })
  await sinks.exists("kafka")
  await sinks.deadPage("kafka", { limit: 10 })
  await sinks.askAgain({ sink: "kafka" })
  await sinks.askedAgain("kafka", 10)
  await sinks.settle([], [])
  await sinks.list()
  await sinks.reset("kafka", "cursor")
  await sinks.forget("gone")
  await sinks.release("kafka", owner)
}

/** What a worker that delivers to webhooks says to Postgres, and who looks after them. */
async function callWebhooks(pool: pg.Pool): Promise<void> {
  const database = { pool, schema: "earmark", observer: SILENT_OBSERVER }
  const [webhooks, deliveries] = [createWebhookStore(database), createDeliveryStore(database)]
  const [id, owner] = ["whk_1", randomUUID()]
  const key = { idempotencyKey: "k", fingerprint: randomUUID() }
  const wishes = { types: null, skus: null, description: null }
  await webhooks.add({ id, url: "https://shop.example", ...wishes, secret: "s", cursor: "c", key })
  await webhooks.ofKey("k")
  await webhooks.list({ limit: 10 })
  await webhooks.get(id)
  await webhooks.addSecret(id, "s2", 60)
  const test = await webhooks.addTest(id, { id: "test-1", json: "{}" })
  await deliveries.endpoints(owner)
  await deliveries.claim(owner, [id])
  await deliveries.enqueue(id, owner, [])
  await deliveries.waiting(id, { id: 0, limit: 10 })
  const circuit = { state: "closed", failures: 0, openings: 0, untilInMs: 0 } as const
  const attempt = {
    number: 1,
    outcome: "delivered",
    status: 200,
    reason: null,
    excerpt: "",
    durationMs: 1,
  } as const
  const verdict = { state: "delivered" } as const
  await deliveries.record(id, owner, {
    attempts: [{ ...attempt, deliveryId: test?.id ?? 0, verdict }],
    circuit,
    isGone: false,
  })
  await webhooks.deliveries(id, { state: "delivered" })
  await webhooks.delivery(id, test?.id ?? 0)
  await webhooks.redeliver(id, test?.id ?? 0)
  await deliveries.status()
  await deliveries.prune(id)
  await deliveries.release(owner, [id])
  await webhooks.change(id, { disabled: true })
  await webhooks.remove(id)
}

/** What the primary and a replica are asked to see how far the one has got; a primary answers both. */
async function askAboutReplicas(pool: pg.Pool): Promise<void> {
  await takeMark({ pool, schema: "earmark", observer: SILENT_OBSERVER })
  const check = (standing: Standing) => {
    if (standing.isStandby) throw new Error("a primary said that it is a standby")
  }
  const work = (reader: Reader) => reader.run([])
  await readReplica({ pool, schema: "earmark", check, work }).catch((error: unknown) => {
    if (!(error instanceof NotUsable)) throw error
  })
}

async function callEverything(
  engine: Engine,
  pool: pg.Pool,
  strategyIndex: number,
  loseNextCommit: () => void,
): Promise<void> {
  const after = await engine.eventsNow()
  // Levels of their own for each strategy; every twentieth level, that is the JFK one of each tenth sku, has an overdue hold.
  const sku = (offset: number) => `S${strategyIndex * 1000 + offset}`
  const lines = [{ sku: sku(1), quantity: 1 }]
  const customerId = "c"
  const first = reserved(await engine.reserve({ lines, customerId, idempotencyKey: `p${strategyIndex}` }))
  await engine.reserve({ lines, customerId, idempotencyKey: `p${strategyIndex}` })
  const second = reserved(await engine.reserve({ lines, customerId, replaces: first }))
  await engine.extend(second, { ttlSeconds: 900 })
  await engine.confirm(second)
  const basket = [2, 3, 4].flatMap((offset) => [
    { sku: sku(offset), quantity: 1 },
    { sku: sku(offset), quantity: 1, location: "JFK" },
  ])
  await engine.release(reserved(await engine.reserve({ lines: basket })))
  // All that is available, the overdue unit included.
  const { available = 0 } = (await engine.availability(sku(10))) ?? {}
  reserved(await engine.reserve({ lines: [{ sku: sku(10), quantity: available }] }))
  await engine.reserve({ lines: [{ sku: sku(20), quantity: 1_000_000 }] })
  await engine.reserve({ lines: [{ sku: "UNKNOWN", quantity: 1, location: "NOWHERE" }] })
  await engine.adjust({
    sku: sku(30),
    location: "JFK",
    delta: -1,
    reason: "damaged",
    idempotencyKey: `p${strategyIndex}`,
  })
  await engine.putItem({ sku: `NEW${strategyIndex}`, name: "new" })
  await engine.adjust({ sku: `NEW${strategyIndex}`, location: "LAX", delta: 5, reason: "received" })
  await engine.setSafetyStock({ sku: sku(40), location: "LAX", safetyStock: 3 })
  await engine.holdsSummary()
  await engine.verifications()
  await engine.sweep(20)
  await callWithinTransaction(engine, pool, sku(50))
  loseNextCommit()
  await engine
    .reserve({ lines: [{ sku: sku(60), quantity: 1 }], customerId, replaces: second })
    .catch(() => {})
  loseNextCommit()
  const kept = reserved(await engine.reserve({ lines, customerId }))
  loseNextCommit()
  await engine.reserve({ lines, customerId, replaces: kept })
  await engine.reservation(second)
  await engine.events({ after, limit: 20 })
  await createFeedStore({ pool, schema: "earmark", observer: SILENT_OBSERVER }).changedSkus(
    decodeCursor(after),
    1000,
  )
  await createEventFeed(
    createFeedStore({ pool, schema: "earmark", observer: SILENT_OBSERVER }),
    "/",
  ).lagSeconds(after)
  await readJournals(engine, sku(1), second)
  const made = [{ sku: `NEW${strategyIndex}`, quantity: 1, location: "LAX" }]
  await engine.explain({ lines: made, replaces: reserved(await engine.reserve({ lines: made })) })
}

/** Only what has just happened: what is older tells of reservations of every period. */
async function readJournals(engine: Engine, sku: string, reservationId: string): Promise<void> {
  const { nextCursor } = listed(await engine.stockJournal({ sku, limit: 2 }))
  await engine.stockJournal({ sku, limit: 2, cursor: nextCursor ?? "" })
  const since = new Date(Date.now() - 600_000)
  await engine.stockJournal({ sku, order: "oldest", since, until: new Date() })
  await engine.stockJournal({ sku, location: "NOWHERE" })
  await engine.reservationJournal(reservationId)
}

function listed(outcome: Awaited<ReturnType<Engine["stockJournal"]>>) {
  if (outcome.outcome !== "listed") throw new Error(`the journal was answered ${JSON.stringify(outcome)}`)
  return outcome
}

function reserved(outcome: Awaited<ReturnType<Engine["reserve"]>>): string {
  if (outcome.outcome !== "reserved") throw new Error(`reserving was answered ${JSON.stringify(outcome)}`)
  return outcome.reservation.id
}

async function callWithinTransaction(engine: Engine, pool: pg.Pool, sku: string): Promise<void> {
  const tx = await pool.connect()
  await tx.query("begin")
  await engine.reserve({ lines: [{ sku, quantity: 1 }] }, { tx })
  await tx.query("commit")
  tx.release()
}
