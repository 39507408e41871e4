/** Several lanes in one process, as on a machine with many cores, whatever machine this is. */
import { expect, test } from "vitest"
import { HOLD_SETTINGS_DEFAULT } from "../../src/engine/context.ts"
import { createEngineOver, type Engine } from "../../src/engine/engine.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { createEventFeed } from "../../src/events/event-feed.ts"
import { createLiveFeed } from "../../src/events/live-feed.ts"
import { createLiveStock } from "../../src/events/live-stock.ts"
import { createFeedStore } from "../../src/postgres/feed/feed-store.ts"
import { createStore } from "../../src/postgres/store.ts"
import { batched } from "../../src/postgres/strategies/batched.ts"
import { answerAll, type Call, countOutcomes } from "../support/calls.ts"
import { expectDrains } from "../support/drain.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"

const LANES = 4
const UNITS = 60

function withLanes({ pool }: TestEngine): Engine {
  const database = { pool, schema: "earmark", observer: SILENT_OBSERVER }
  return createEngineOver({
    strategy: batched(database, { lanes: LANES }),
    store: createStore(database),
    feed: createEventFeed(createFeedStore(database), "/earmark"),
    liveFeed: createLiveFeed(createFeedStore(database), "/earmark"),
    liveStock: createLiveStock({ store: createFeedStore(database), availability: async () => null }),
    holds: HOLD_SETTINGS_DEFAULT,
    observer: SILENT_OBSERVER,
  })
}

test("baskets that share a sku across lanes take the units that there are, and no more", async () => {
  const t = await createTestEngine()
  const engine = withLanes(t)
  const others = ["A", "B", "C", "D", "E", "F", "G", "H"]
  await stock(t.engine, "SHARED", { LAX: UNITS })
  for (const sku of others) await stock(t.engine, sku, { LAX: 1000 })
  const calls = Array.from({ length: 4 * UNITS }, (_, index): Call => {
    const other = { sku: others[index % others.length] ?? "A", quantity: 1 }
    const shared = { sku: "SHARED", quantity: 1 }
    return { kind: "reserve", request: { lines: index % 2 ? [other, shared] : [shared, other] } }
  })
  const answers = await answerAll(engine, calls)
  expect(countOutcomes(answers)).toEqual({ reserved: UNITS, insufficient_stock: 3 * UNITS })
  const made = answers.flatMap(({ id }) => (id === undefined ? [] : [id]))
  const ends = made.map((id, index): Call => ({ kind: index % 2 ? "confirm" : "release", id }))
  expect(countOutcomes(await answerAll(engine, ends))).toEqual({ confirmed: UNITS / 2, released: UNITS / 2 })
  await expectDrains(engine, "SHARED", UNITS / 2)
  await engine.close()
  await t.close()
})

test("one key for different skus, whose requests travel in different lanes, makes one reservation", async () => {
  const t = await createTestEngine()
  const engine = withLanes(t)
  const skus = ["A", "B", "C", "D", "E", "F", "G", "H"]
  for (const sku of skus) await stock(t.engine, sku, { LAX: 1000 })
  const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`)
  const calls = keys.flatMap((idempotencyKey) =>
    skus.map(
      (sku): Call => ({ kind: "reserve", request: { lines: [{ sku, quantity: 1 }], idempotencyKey } }),
    ),
  )
  expect(countOutcomes(await answerAll(engine, calls))).toEqual({
    reserved: keys.length,
    idempotency_key_reused: keys.length * (skus.length - 1),
  })
  await engine.close()
  await t.close()
})
