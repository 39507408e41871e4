/** Events of a likely size, many of them, in an order that can be looked for where a sink has put them. */
import { randomUUID } from "node:crypto"
import { expect } from "vitest"
import { type EarmarkEvent, skusOf } from "../../src/core/events/event.ts"
import type { RefusedEvent, Sink } from "../../src/engine/sink.ts"

const PAGE = 1000

/** Every tenth is about three items. */
export function makeEvents(count: number, skus = 40): EarmarkEvent[] {
  const versions = new Map<string, number>()
  return Array.from({ length: count }, (_, index) => {
    const lines = Array.from({ length: index % 10 === 0 ? 3 : 1 }, (_, line) => {
      const sku = `SKU-${(index * 7 + line * 13) % skus}`
      const version = (versions.get(sku) ?? 0) + 1
      versions.set(sku, version)
      const level = { sku, location: "LAX", version, onHand: 5000, held: 12, safetyStock: 0, available: 4988 }
      return { ...level, quantity: 1 }
    })
    return heldEvent(`${index}-1`, lines, { channel: "web", cart: randomUUID() })
  })
}

type Held = Extract<EarmarkEvent, { readonly type: "reservation.held" }>

export function heldEvent(
  id: string,
  lines: Held["data"]["lines"],
  metadata: Readonly<Record<string, string>> = {},
): EarmarkEvent {
  const reservationId = `rsv_${randomUUID().replaceAll("-", "")}`
  const times = { createdAt: "2030-01-01T00:00:00.000Z", expiresAt: "2030-01-01T00:10:00.000Z" }
  return {
    specversion: "1.0",
    id,
    source: "/earmark",
    type: "reservation.held",
    subject: reservationId,
    time: times.createdAt,
    datacontenttype: "application/json",
    dataschema: "/schemas/events/v1/reservation.held.json",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    data: {
      reservation: {
        id: reservationId,
        state: "held",
        customerId: "c-1",
        ttlSeconds: 600,
        ...times,
        metadata,
      },
      lines,
      reference: null,
      reason: null,
      actor: "shop",
    },
  }
}

/** Delivers pages as the relay does: one that was not taken comes again. */
export async function deliverAll(
  sink: Sink,
  events: readonly EarmarkEvent[],
  { before = async () => {}, onRejected }: DeliverOptions,
): Promise<RefusedEvent[]> {
  const refused: RefusedEvent[] = []
  for (let at = 0; at < events.length; ) {
    const page = events.slice(at, at + PAGE)
    await before(at / PAGE)
    try {
      refused.push(...(await sink.deliver(page)))
      at += page.length
    } catch (error) {
      await onRejected(error, at / PAGE)
    }
  }
  return refused
}

interface DeliverOptions {
  readonly before?: (page: number) => Promise<void>
  readonly onRejected: (error: unknown, page: number) => Promise<void>
}

/** The ids of each item's events in order, each once. */
export function idsBySku(events: readonly EarmarkEvent[]): Map<string, string[]> {
  const ids = new Map<string, string[]>()
  for (const event of events) for (const sku of skusOf(event)) append(ids, sku, event.id)
  return ids
}

/** Of what was told under each key, the first of each id. */
export function firstByKey(
  told: readonly { readonly key: string; readonly id: string }[],
): Map<string, string[]> {
  const ids = new Map<string, string[]>()
  const seen = new Set<string>()
  for (const { key, id } of told) {
    if (seen.has(`${key} ${id}`)) continue
    seen.add(`${key} ${id}`)
    append(ids, key, id)
  }
  return ids
}

function append(lists: Map<string, string[]>, key: string, id: string): void {
  const list = lists.get(key) ?? []
  list.push(id)
  lists.set(key, list)
}

/** Compares list by list, so that a difference can be read. */
export function expectSameOrder(
  told: ReadonlyMap<string, string[]>,
  wanted: ReadonlyMap<string, string[]>,
): void {
  expect([...told.keys()].sort()).toEqual([...wanted.keys()].sort())
  for (const [key, ids] of wanted) expect(told.get(key), key).toEqual(ids)
}
