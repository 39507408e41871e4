/** `docs/reference/events.md` shows an event of each type, which this test produces: `npx vitest run tests/events/reference -u` writes it. */
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { Grant } from "../../src/core/allotments.ts"
import { type EarmarkEvent, EVENT_TYPES, type EventType } from "../../src/core/events/event.ts"
import { createIds } from "../../src/engine/context.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { STRATEGY_FACTORIES } from "../../src/postgres/strategies.ts"
import { eventJsonSchema, eventSchemaPath } from "../../src/protocol/events.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"

/** When it is told, beyond what its name says. */
const MEANINGS: Record<EventType, string> = {
  "reservation.held": "A reservation was made: its units are set aside until `expiresAt`.",
  "reservation.confirmed": "It was sold: its units have left the stock. `reference` is the order's.",
  "reservation.released": "It was given up before its deadline; `reason` is the caller's, or `replaced`.",
  "reservation.expired":
    "Its deadline has passed, and that is recorded. Its units could be reserved again from the deadline on, so this may come after a `reservation.held` that took them.",
  "reservation.extended": "It has a later deadline.",
  "reservation.revoked":
    "A provisional reservation of the strategy `redis` was acknowledged and could not be kept: Redis lost it (`lost`), it came to light when its units were sold (`late`), or its key belongs to another (`key_claimed`: that one may never have been told to anybody). No `reservation.held` was told of it, and no level changed.",
  "stock.adjusted": "Units came or went: received, counted, damaged, returned.",
  "stock.safety_stock_set": "Another number of units is kept from sale.",
  "stock.allotment_changed":
    "Units passed between Postgres and Redis. What may be sold is the same as before; the level has a new version.",
  "stock.availability_changed":
    "What may be sold crossed a line: `sold_out` (none is left), `back_in_stock` (the first ones), or `low_stock` (fewer than the item's `lowStockThreshold`). It has no version of its own; `cause` names the event that it follows.",
}

let t: TestEngine
let events: EarmarkEvent[]
beforeAll(async () => {
  t = await createTestEngine()
  events = await produce(t)
})
afterAll(() => t.close())

async function produce({ engine, pool }: TestEngine): Promise<EarmarkEvent[]> {
  await stock(engine, "MUG-1", { LAX: 10 })
  await engine.putItem({ sku: "MUG-1", name: "Mug", lowStockThreshold: 4 })
  const after = await engine.eventsNow()
  const origin = { actor: "till-7", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }
  const reserve = async (quantity: number, more = {}) => {
    const lines = [{ sku: "MUG-1", quantity }]
    const made = await engine.reserve({ lines, customerId: "c-42", ...more }, { origin })
    if (made.outcome !== "reserved") throw new Error(made.outcome)
    return made.reservation.id
  }
  const sold = await reserve(2, { metadata: { basket: "b-1" } })
  await engine.extend(sold, { ttlSeconds: 900 }, { origin })
  await engine.confirm(sold, { reference: "order-7" }, { origin })
  await engine.release(await reserve(1), { reason: "basket emptied" }, { origin })
  await reserve(5, { ttlSeconds: 1 })
  while ((await engine.sweep()) === 0) await pause(100)
  await engine.setSafetyStock({ sku: "MUG-1", location: "LAX", safetyStock: 1 }, { origin })
  const counted = { delta: -1, reason: "counted", reference: "count-3" } as const
  await engine.adjust({ sku: "MUG-1", location: "LAX", ...counted }, { origin })

  const strategy = STRATEGY_FACTORIES.batched({ pool, schema: "earmark", observer: SILENT_OBSERVER })
  const place = { sku: "MUG-1", location: "LAX" }
  const lost: Grant = {
    id: createIds().next(0),
    customerId: "c-43",
    lines: [{ ...place, quantity: 1 }],
    ttlSeconds: 600,
    createdAtMs: Date.now(),
    metadata: {},
    key: null,
  }
  await strategy.submit({ kind: "allot", ...place, epoch: 1, allottedTotal: 3 })
  await strategy.submit({ kind: "revoke_lost", epoch: 1, grants: [lost] })
  await strategy.submit({ kind: "close_allotment", ...place, epoch: 2 })
  await strategy.close()
  return (await engine.events({ after, limit: 100 })).events.map(({ event }) => event)
}

test("each type is told of, as its schema says, and has a meaning", () => {
  expect([...new Set(events.map(({ type }) => type))].sort()).toEqual([...EVENT_TYPES].sort())
  for (const event of events) {
    const { required = [], properties = {} } = eventJsonSchema(event.type) as {
      required?: string[]
      properties?: Record<string, unknown>
    }
    expect(Object.keys(event)).toEqual(expect.arrayContaining(required))
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(event)))
    expect(event.dataschema).toContain(eventSchemaPath(event.type))
  }
})

test("docs/reference/events.md shows what is told", async () => {
  await expect(reference()).toMatchFileSnapshot("../../docs/reference/events.md")
})

function reference(): string {
  const sections = [
    "# Events",
    "",
    "Everything that happens to stock and to reservations, as [CloudEvents 1.0](https://cloudevents.io). The",
    "[guide](../guides/events.md) says how to receive them. Each is told at least once; `id` tells duplicates. The events of one",
    "stock level come in the order of `version`, which counts 1, 2, 3 ... without a gap. `actor` is what the request's header",
    "`Earmark-Actor` said, and `traceparent` its trace. `dataschema` is the path of a JSON Schema that the service publishes; a",
    "change that old readers could not understand gets a new path.",
    "",
    "| type | |",
    "|---|---|",
    ...EVENT_TYPES.map(
      (type) =>
        `| [\`${type}\`](#${type.replaceAll(/[._]/g, (c) => (c === "." ? "" : c))}) | ${firstSentence(MEANINGS[type])} |`,
    ),
    "",
  ]
  for (const type of EVENT_TYPES) {
    const example = events.find((event) => event.type === type)
    sections.push(
      `## ${type}`,
      "",
      MEANINGS[type],
      "",
      "```json",
      JSON.stringify(steady(example), null, 2),
      "```",
      "",
    )
  }
  return sections.join("\n")
}

function firstSentence(text: string): string {
  return `${text.split(/(?<=[.:])\s/, 1)[0]?.replace(/[.:]$/, "")}.`
}

/** What differs from run to run, always the same. */
function steady(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-01-02T03:04:05.678Z")
    .replaceAll(/rsv_[0-9a-f]+/g, "rsv_01a2179882ca7000b6a9847508ec4bfd")
  return JSON.parse(text)
}
