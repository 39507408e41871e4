/** All who follow the feed live share one reader: none of them can make the others miss something, nor miss something by them. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { FollowQuery } from "../../src/engine/event-feed.ts"
import { LOOK_BACK } from "../../src/engine/feed-store.ts"
import { decodeCursor, encodeCursor } from "../../src/events/cursor.ts"
import { openTransaction } from "../support/database.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"

/** Far longer than anything takes. */
const WAIT = { timeout: 20_000 }

let t: TestEngine
const stop = { all: new AbortController() }
beforeEach(async () => {
  stop.all = new AbortController()
  t = await createTestEngine()
  await stock(t.engine, "MUG", { LAX: 1000 })
  await stock(t.engine, "CUP", { LAX: 1000 })
})
afterEach(async () => {
  stop.all.abort()
  await t.close()
})

interface Follower {
  /** Of events, in order. */
  readonly subjects: string[]
  /** Resolves with the first batch. */
  readonly begun: Promise<void>
}

function follow(query: FollowQuery = {}): Follower {
  const subjects: string[] = []
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>()
  const following = async () => {
    for await (const { events } of t.engine.followEvents({ ...query, signal: stop.all.signal })) {
      subjects.push(...events.map(({ event }) => event.subject))
      resolve()
    }
  }
  following().catch(reject)
  return { subjects, begun }
}

async function sell(sku: string, tx?: unknown): Promise<string> {
  const options = tx === undefined ? {} : { tx: tx as never }
  const made = await t.engine.reserve({ lines: [{ sku, quantity: 1 }] }, options)
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  return made.reservation.id
}

test("a cursor that nobody has given keeps nothing from the others", async () => {
  const { position, mark, gaps } = decodeCursor(await t.engine.eventsNow())
  const made = encodeCursor({ position, mark, gaps, partial: { position: position + 1, told: 1000 } })
  const first = follow({ after: made })
  await first.begun
  const second = follow()
  await second.begun
  const sold = [await sell("MUG"), await sell("MUG")]
  await expect.poll(() => second.subjects, WAIT).toEqual(sold)
})

test("who knows that a position was rolled back, where the others cannot know it yet, is told all the same", async () => {
  const stranger = await openTransaction(t.pool)
  try {
    await stranger.query("select pg_current_xact_id()")
    await t.pool.query("select nextval('earmark.feed_position')")
    await sell("CUP")
    const { position, mark } = decodeCursor(await t.engine.eventsNow())
    const knowing = follow({ after: encodeCursor({ position, mark, gaps: [], partial: null }) })
    const other = follow()
    await Promise.all([knowing.begun, other.begun])
    const sold = [await sell("MUG"), await sell("MUG")]
    await expect.poll(() => [knowing.subjects, other.subjects], WAIT).toEqual([sold, sold])
    await stranger.query("rollback")
    sold.push(await sell("MUG"))
    await expect.poll(() => [knowing.subjects, other.subjects], WAIT).toEqual([sold, sold])
  } finally {
    stranger.release(true)
  }
})

test("a cursor of a position that was never there is of another history", async () => {
  const after = encodeCursor({ position: 2 ** 53 - 1, mark: null, gaps: [], partial: null })
  await expect(t.engine.events({ after })).rejects.toMatchObject({ code: "events_rewound" })
  await expect(follow({ after }).begun).rejects.toMatchObject({ code: "events_rewound" })
})

test("who waits for a transaction from before the others looked is told of it", async () => {
  const start = await t.engine.eventsNow()
  const tx = await openTransaction(t.pool)
  const late = await sell("CUP", tx)
  await sell("MUG")
  const { nextCursor: after } = await t.engine.events({ after: start })
  // More than whoever begins now looks back over.
  await t.pool.query(
    `insert into earmark.feed (position, written_at, period, rows, stock_level_ids, first_versions, last_versions, revoked_ids)
     select nextval('earmark.feed_position'), clock_timestamp(), f.period, 0, '{}', '{}', '{}', '{}'
     from (select max(period) as period from earmark.feed) f
     cross join generate_series(1, ${LOOK_BACK + 1})`,
  )
  const newcomer = follow()
  await newcomer.begun
  const waiting = follow({ after })
  await waiting.begun
  const between = await sell("MUG")
  await expect.poll(() => [newcomer.subjects, waiting.subjects], WAIT).toEqual([[between], [between]])
  await tx.query("commit")
  tx.release()
  await expect.poll(() => waiting.subjects, WAIT).toEqual([between, late])
  const last = await sell("MUG")
  await expect
    .poll(() => [newcomer.subjects, waiting.subjects], WAIT)
    .toEqual([
      [between, last],
      [between, late, last],
    ])
})
