/** Webhooks over a real engine, the workers that deliver to them, and endpoints of which the test says how they answer. */
import type { Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { Webhook } from "standardwebhooks"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import type { DeliveryStore } from "../../src/engine/delivery-store.ts"
import type { EventFeed } from "../../src/engine/event-feed.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import type { SinkStore } from "../../src/engine/sink-store.ts"
import type { AddWebhookRequest, Webhooks, WithSecret } from "../../src/engine/webhooks.ts"
import { createEventFeed } from "../../src/events/event-feed.ts"
import { addressGuard } from "../../src/events/webhooks/address-guard.ts"
import { openWebhooks } from "../../src/events/webhooks/open-webhooks.ts"
import type { SenderOptions } from "../../src/events/webhooks/send.ts"
import { WebhookWorker } from "../../src/events/webhooks/webhook-worker.ts"
import { createFeedStore } from "../../src/postgres/feed/feed-store.ts"
import { createSinkStore } from "../../src/postgres/sinks/sink-store.ts"
import { createDeliveryStore } from "../../src/postgres/webhooks/delivery-store.ts"
import { createWebhookStore } from "../../src/postgres/webhooks/webhook-store.ts"
import type { EndpointServer, ReceivedRequest } from "./endpoint-server.ts"
import { createTestEngine, stock, type TestEngine } from "./engine.ts"
import { closeAll, endpoint, response, senderWith } from "./sending.ts"

/** Between two looks at whether something has happened, as the loop of a worker has it. */
const LOOK_MS = 10
/** Far longer than anything takes. */
const WAIT_MS_MAX = 30_000

export type Answerer = (request: ReceivedRequest) => number | null | Promise<number>

export interface Receiver extends EndpointServer {
  readonly url: string
  /** Of each request, in order. */
  events(): EarmarkEvent[]
  /** A status; null: no answer at all. */
  answer: Answerer
}

export class WebhookLab {
  readonly t: TestEngine
  readonly feed: EventFeed
  readonly sinks: SinkStore
  readonly store: DeliveryStore
  readonly webhooks: Webhooks
  /** Where the feed was at the beginning. */
  readonly start: string
  readonly failures: unknown[] = []
  readonly #workers: WebhookWorker[] = []

  static async open(): Promise<WebhookLab> {
    const t = await createTestEngine()
    await stock(t.engine, "MUG", { LAX: 10_000 })
    await stock(t.engine, "CUP", { LAX: 10_000 })
    return WebhookLab.over(t)
  }

  /** Over an engine that is there, which is closed with the lab. */
  static async over(t: TestEngine): Promise<WebhookLab> {
    return new WebhookLab(t, await t.engine.eventsNow())
  }

  private constructor(t: TestEngine, start: string) {
    const database = { pool: t.pool, schema: "earmark", observer: SILENT_OBSERVER }
    this.t = t
    this.start = start
    this.feed = createEventFeed(createFeedStore(database), "/earmark")
    this.sinks = createSinkStore(database)
    this.store = createDeliveryStore(database)
    this.webhooks = openWebhooks({
      store: createWebhookStore(database),
      feed: this.feed,
      guard: addressGuard(["127.0.0.1/32"]),
      source: "/earmark",
    })
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.stop()
    await closeAll()
    await this.t.close()
  }

  worker({
    store = this.store,
    ...options
  }: { store?: DeliveryStore } & Partial<SenderOptions> = {}): WebhookWorker {
    const worker = new WebhookWorker({
      feed: this.feed,
      sinks: this.sinks,
      store,
      sender: senderWith(options),
      observer: { attempted() {}, settled() {}, relayed() {}, failed: (error) => this.failures.push(error) },
      random: () => 0.5,
    })
    this.#workers.push(worker)
    return worker
  }

  async add(request: AddWebhookRequest): Promise<WithSecret> {
    const added = await this.webhooks.add(request)
    if (added.outcome !== "made") throw new Error(`it was answered ${JSON.stringify(added)}`)
    return added
  }

  /** One event for each. */
  async sell(...skus: string[]): Promise<void> {
    for (const sku of skus) await this.t.engine.reserve({ lines: [{ sku, quantity: 1 }] })
  }

  /** Ids of everything since the start, in order. */
  async told(): Promise<string[]> {
    return (await this.feed.page({ after: this.start, limit: 100_000 })).events.map(({ event }) => event.id)
  }

  /** Lets the workers pass until it is so. */
  async until(
    workers: readonly WebhookWorker[],
    isSo: () => boolean | Promise<boolean>,
    waitMsMax = WAIT_MS_MAX,
  ): Promise<void> {
    const begunMs = performance.now()
    while (!(await isSo())) {
      if (performance.now() - begunMs > waitMsMax) throw new Error(`it did not come about: ${isSo}`)
      const more = await Promise.all(workers.map((worker) => worker.pass()))
      if (!more.includes(true)) await pause(LOOK_MS)
    }
  }

  async waiting(id: string): Promise<number> {
    return (await this.webhooks.get(id))?.waiting ?? 0
  }

  /** As if the time had passed after which they are tried again. */
  async letPausesEnd(): Promise<void> {
    await this.t.pool.query("update earmark.webhook_deliveries set next_attempt_at = clock_timestamp()")
    // Whoever delivers begins anew, and reads it.
    await this.t.pool.query(
      "update earmark.webhooks set circuit_until = clock_timestamp(), claimed_by = null, claimed_until = null",
    )
  }

  /** As if the time had passed after which a worker, and its relays, are taken for dead. */
  async letClaimsEnd(): Promise<void> {
    await this.t.pool.query("update earmark.webhooks set claimed_until = clock_timestamp()")
    await this.t.pool.query("update earmark.sinks set claimed_until = clock_timestamp()")
  }
}

/** An endpoint that answers 200 until it is told otherwise. */
export async function receiver(): Promise<Receiver> {
  const state = { answer: (() => 200) as Answerer }
  const respond = async (socket: Socket, request: ReceivedRequest) => {
    const status = await state.answer(request)
    if (status !== null && !socket.destroyed) socket.write(response(status))
  }
  const server = await endpoint((socket, request) => void respond(socket, request))
  return {
    ...server,
    url: `http://127.0.0.1:${server.port}/in`,
    events: () => server.requests.map(({ body }) => JSON.parse(body) as EarmarkEvent),
    get answer() {
      return state.answer
    },
    set answer(next: Answerer) {
      state.answer = next
    },
  }
}

/** As a receiver does it, with somebody else's package. */
export function verified(secret: string, { body, headers }: ReceivedRequest): unknown {
  return new Webhook(secret).verify(body, headers)
}
