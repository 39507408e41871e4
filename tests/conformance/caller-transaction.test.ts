/** Commands inside a transaction that the caller began: they live or die with what the caller does in it. */
import { drizzle } from "drizzle-orm/node-postgres"
import pg from "pg"
import { expect } from "vitest"
import { type CallerTransaction, createEngine, EarmarkError, POSTGRES_STRATEGIES } from "../../src/index.ts"
import { fromDrizzle } from "../../src/postgres/drizzle-transaction.ts"
import { reservationOf, type Subject } from "./subject.ts"
import { conformance } from "./suite.ts"

const CHANGED_MIND = new Error("the caller changed its mind")

/** Two transactions on two connections, rolled back at the end whatever has become of them. */
async function withTwo(
  url: string,
  work: (one: pg.Client, other: pg.Client) => Promise<void>,
): Promise<void> {
  const clients = [
    new pg.Client({ connectionString: url }),
    new pg.Client({ connectionString: url }),
  ] as const
  await Promise.all(clients.map((client) => client.connect()))
  try {
    for (const client of clients) await client.query("begin")
    await work(...clients)
  } finally {
    for (const client of clients) await client.query("rollback")
    await Promise.all(clients.map((client) => client.end()))
  }
}

/** What came of it: the outcome, or the code of what was thrown. */
function resultOf(promise: Promise<{ outcome: string }>): Promise<string> {
  return promise.then(
    ({ outcome }) => outcome,
    (error: unknown) => {
      expect(error).toBeInstanceOf(EarmarkError)
      expect(error).toMatchObject({ notApplied: true, retryable: true })
      return (error as EarmarkError).code
    },
  )
}

async function everyCommand({ engine }: Subject, sku: string, tx: CallerTransaction): Promise<string[]> {
  const call = { tx }
  const reserve = async () => reservationOf(await engine.reserve({ lines: [{ sku, quantity: 1 }] }, call))
  const [sold, given] = [await reserve(), await reserve()]
  const outcomes = [
    await engine.extend(sold.id, { ttlSeconds: 900 }, call),
    await engine.confirm(sold.id, { reference: "order-1" }, call),
    await engine.release(given.id, {}, call),
    await engine.adjust({ sku, location: "JFK", delta: 4, reason: "received" }, call),
    await engine.setSafetyStock({ sku, location: "JFK", safetyStock: 1 }, call),
    await engine.reserve(
      { lines: [{ sku, quantity: 3, location: "JFK" }], idempotencyKey: `tx-${sku}` },
      call,
    ),
    await engine.reserve(
      { lines: [{ sku, quantity: 3, location: "JFK" }], idempotencyKey: `tx-${sku}` },
      call,
    ),
    await engine.reserve({ lines: [{ sku, quantity: 99 }] }, call),
  ]
  return outcomes.map(({ outcome }) => outcome)
}
const EVERY_OUTCOME = [
  ...["extended", "confirmed", "released", "adjusted", "changed"],
  ...["reserved", "replayed", "insufficient_stock"],
]

conformance("caller's transaction", {
  "a commit keeps every command, with the caller's own rows": async (subject) => {
    const { engine, item, pool, within, levels } = subject
    const sku = await item({ LAX: 5 })
    await pool.query("create table if not exists orders (sku text)")
    const outcomes = await within(async (tx) => {
      await tx.query({ text: "insert into orders values ($1)", values: [sku] })
      const seen = await everyCommand(subject, sku, tx)
      // Nobody else sees any of it yet.
      expect(await levels(sku)).toEqual({ LAX: "5 0 5" })
      return seen
    })
    expect(outcomes).toEqual(EVERY_OUTCOME)
    expect(await levels(sku)).toEqual({ LAX: "4 0 4", JFK: "4 3 0" })
    expect((await pool.query("select from orders where sku = $1", [sku])).rowCount).toBe(1)
    expect((await engine.reservations({ sku })).data.map(({ state }) => state)).toEqual([
      ...["held", "released", "confirmed"],
    ])
  },

  "a rollback undoes every command, and their keys are free again": async (subject) => {
    const { engine, item, within, levels, journal } = subject
    const sku = await item({ LAX: 5 })
    const undone = within(async (tx) => {
      expect(await everyCommand(subject, sku, tx)).toEqual(EVERY_OUTCOME)
      throw CHANGED_MIND
    })
    await expect(undone).rejects.toBe(CHANGED_MIND)
    expect(await levels(sku)).toEqual({ LAX: "5 0 5" })
    expect(await journal(sku)).toHaveLength(1)
    expect((await engine.reservations({ sku })).data).toEqual([])
    expect(
      await engine.reserve({ lines: [{ sku, quantity: 1 }], idempotencyKey: `tx-${sku}` }),
    ).toMatchObject({ outcome: "reserved" })
  },

  "commands of engines with different strategies share one transaction": async (subject) => {
    const { engine, strategy, pool, item, within, levels } = subject
    const sku = await item({ LAX: 5 })
    const others = POSTGRES_STRATEGIES.filter((name) => name !== strategy)
    const engines = await Promise.all(
      others.map((name) => createEngine({ pool, strategy: name, migrate: false })),
    )
    await within(async (tx) => {
      const { id } = reservationOf(await engine.reserve({ lines: [{ sku, quantity: 2 }] }, { tx }))
      for (const other of engines) {
        reservationOf(await other.reserve({ lines: [{ sku, quantity: 1 }] }, { tx }))
      }
      expect(await engine.reserve({ lines: [{ sku, quantity: 1 }] }, { tx })).toMatchObject({
        outcome: "insufficient_stock",
      })
      expect(await engines[0]?.confirm(id, {}, { tx })).toMatchObject({ outcome: "confirmed" })
    })
    expect(await levels(sku)).toEqual({ LAX: "3 3 0" })
    await Promise.all(engines.map((other) => other.close()))
  },

  "it may be a connection of the engine's own pool, even the only one": async ({
    engine,
    pool,
    item,
    levels,
  }) => {
    const sku = await item({ LAX: 5 })
    const client = await pool.connect()
    await client.query("begin")
    expect(await engine.reserve({ lines: [{ sku, quantity: 2 }] }, { tx: client })).toMatchObject({
      outcome: "reserved",
    })
    expect(
      await engine.adjust({ sku, location: "LAX", delta: -1, reason: "damaged" }, { tx: client }),
    ).toMatchObject({ outcome: "adjusted" })
    await client.query("commit")
    client.release()
    expect(await levels(sku)).toEqual({ LAX: "4 2 2" })
  },

  "a Drizzle transaction does as well, committed and rolled back": async ({ engine, url, item, levels }) => {
    const sku = await item({ LAX: 5 })
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    const db = drizzle(pool)
    const request = {
      lines: [
        { sku, quantity: 2 },
        { sku, quantity: 1, location: "LAX" },
      ],
      metadata: { it: "'s $1" },
      idempotencyKey: `drizzle-${sku}`,
    }
    const undone = db.transaction(async (tx) => {
      expect(await engine.reserve(request, { tx: fromDrizzle(tx) })).toMatchObject({ outcome: "reserved" })
      throw CHANGED_MIND
    })
    await expect(undone).rejects.toBe(CHANGED_MIND)
    expect(await levels(sku)).toEqual({ LAX: "5 0 5" })
    const { id } = await db.transaction(async (tx) =>
      reservationOf(await engine.reserve(request, { tx: fromDrizzle(tx) })),
    )
    await db.transaction(async (tx) => engine.confirm(id, { reference: "order-1" }, { tx: fromDrizzle(tx) }))
    await pool.end()
    expect(await engine.reservation(id)).toMatchObject({ state: "confirmed", metadata: { it: "'s $1" } })
    expect(await levels(sku)).toEqual({ LAX: "2 0 2" })
  },
})

conformance(
  "caller's transaction in a conflict",
  {
    "the last unit goes to whoever commits first, and the other one is told": async ({
      engine,
      url,
      item,
      levels,
    }) => {
      const sku = await item({ LAX: 1 })
      const request = { lines: [{ sku, quantity: 1 }] }
      await withTwo(url, async (one, other) => {
        expect(await engine.reserve(request, { tx: one })).toMatchObject({ outcome: "reserved" })
        const second = resultOf(engine.reserve(request, { tx: other }))
        await one.query("commit")
        expect(["insufficient_stock", "transaction_conflict"]).toContain(await second)
      })
      expect(await levels(sku)).toEqual({ LAX: "1 1 0" })
    },

    "two that wait for each other: one is told to run again, the other goes on": async (subject) => {
      const { engine, url, item, levels } = subject
      const [mug, pan] = [await item({ LAX: 5 }), await item({ LAX: 5 })]
      const reserve = (sku: string, tx: CallerTransaction) =>
        resultOf(engine.reserve({ lines: [{ sku, quantity: 1 }] }, { tx }))
      const end = async (client: pg.Client, result: string) => {
        await client.query(result === "reserved" ? "commit" : "rollback")
        return result
      }
      await withTwo(url, async (one, other) => {
        expect([await reserve(mug, one), await reserve(pan, other)]).toEqual(["reserved", "reserved"])
        const results = await Promise.all([
          reserve(pan, one).then((result) => end(one, result)),
          reserve(mug, other).then((result) => end(other, result)),
        ])
        expect(results).toContain("transaction_conflict")
        expect(results.filter((result) => result === "reserved").length).toBeLessThanOrEqual(1)
      })
      expect(await levels(mug)).toEqual(await levels(pan))
    },

    "behind a lock the caller's own lock_timeout speaks, as unavailable": async ({
      engine,
      url,
      item,
      levels,
    }) => {
      const sku = await item({ LAX: 5 })
      const request = { lines: [{ sku, quantity: 1 }] }
      await withTwo(url, async (one, other) => {
        await engine.reserve(request, { tx: one })
        await other.query("set local lock_timeout = '100ms'")
        expect(await resultOf(engine.reserve(request, { tx: other }))).toBe("unavailable")
        await other.query("rollback")
        await one.query("commit")
      })
      expect(await levels(sku)).toEqual({ LAX: "5 1 4" })
    },

    "a confirm whose deadline comes before it is written is told to run again": async (subject) => {
      const { engine, item, shortHold, untilOverdue, url, levels } = subject
      const sku = await item({ LAX: 5 })
      const { id } = await shortHold(sku, 2)
      await withTwo(url, async (one) => {
        const slow: CallerTransaction = {
          async query(statement) {
            if (/update \S*reservations\b/.test(statement.text)) await untilOverdue()
            return one.query(statement)
          },
        }
        // On a machine that stood still for a second the confirm came too late altogether.
        expect(["transaction_conflict", "reservation_expired"]).toContain(
          await resultOf(engine.confirm(id, {}, { tx: slow })),
        )
      })
      expect(await engine.confirm(id)).toMatchObject({ outcome: "reservation_expired" })
      expect(await levels(sku)).toEqual({ LAX: "5 0 5" })
    },

    "a key that somebody else is committing is replayed or must run again": async ({
      engine,
      url,
      item,
      levels,
    }) => {
      const sku = await item({ LAX: 5 })
      const request = { lines: [{ sku, quantity: 1 }], idempotencyKey: `race-${sku}` }
      await withTwo(url, async (one, other) => {
        await engine.reserve(request, { tx: one })
        const twin = resultOf(engine.reserve(request, { tx: other }))
        await one.query("commit")
        expect(["replayed", "transaction_conflict"]).toContain(await twin)
      })
      expect(await levels(sku)).toEqual({ LAX: "5 1 4" })
      expect(await engine.reserve(request)).toMatchObject({ outcome: "replayed" })
    },
  },
  { poolSizes: [10] },
)
