/**
 * Delivers to all webhooks that no other worker delivers to. One worker at a time has an endpoint; another takes it over when
 * that one stops, or is not heard of for a while. What it was sending then is sent again: at least once.
 */
import { randomUUID } from "node:crypto"
import type { DeliveryStore, StoredEndpoint } from "../../engine/delivery-store.ts"
import type { EventFeed } from "../../engine/event-feed.ts"
import type { SinkStore } from "../../engine/sink-store.ts"
import { Relay } from "../relay.ts"
import { type DeliveryObserver, EndpointDelivery } from "./endpoint-delivery.ts"
import type { WebhookSender } from "./send.ts"
import { webhookSink } from "./webhook-sink.ts"

export interface WebhookWorkerParts {
  readonly feed: EventFeed
  readonly sinks: SinkStore
  readonly store: DeliveryStore
  /** Closed by whoever opened it, after the worker has stopped. */
  readonly sender: WebhookSender
  readonly observer: DeliveryObserver
  /** 0 to 1. */
  readonly random?: () => number
}

/** Well within the time for which something may be sent after the last renewal. */
const RENEW_MS = 2000
/** What is taken out of the feed for one in one go: it waits in the database, and far fewer are sent in that time. */
const INTAKE_CHANGES_MAX = 1000
/** Endpoints whose events are taken out of the feed at once: each takes a connection. */
const INTAKES_MAX = 2

export class WebhookWorker {
  readonly #parts: WebhookWorkerParts
  readonly #owner = randomUUID()
  readonly #owned = new Map<string, EndpointDelivery>()
  readonly #closing = new Map<string, Promise<void>>()
  #renewal: NodeJS.Timeout | undefined
  #head: string | null = null

  constructor(parts: WebhookWorkerParts) {
    this.#parts = parts
  }

  /** @returns whether there is more to take out of the feed */
  async pass(): Promise<boolean> {
    const { store } = this.#parts
    this.#renewal ??= setInterval(
      () => void this.#renew().catch((error) => this.#parts.observer.failed(error, null)),
      RENEW_MS,
    )
    await this.#follow(await store.endpoints(this.#owner))
    if (this.#owned.size === 0) return false
    return this.#intakeAll(await this.#headOfFeed())
  }

  /** Where the feed ends costs a look over its last thousands of entries; that nothing is new costs a look into an index. */
  async #headOfFeed(): Promise<string> {
    const { feed } = this.#parts
    if (this.#head === null || (await feed.lagSeconds(this.#head)) > 0) this.#head = await feed.now()
    return this.#head
  }

  /** Drops what was settled long ago; returns whether there is more. */
  async prune(): Promise<boolean> {
    let isMore = false
    for (const id of this.#owned.keys()) isMore = (await this.#parts.store.prune(id)) > 0 || isMore
    return isMore
  }

  /** Resolves when what was being sent is answered and written down. Another worker may go on at once. */
  async stop(): Promise<void> {
    clearInterval(this.#renewal)
    for (const id of this.#owned.keys()) this.#close(id)
    await Promise.all(this.#closing.values())
  }

  /** Begins and ends as the webhooks say. */
  async #follow(endpoints: readonly StoredEndpoint[]): Promise<void> {
    const mine = new Map(
      endpoints
        .filter(({ claim, isDisabled }) => claim === "ours" && !isDisabled)
        .map((one) => [one.id, one]),
    )
    for (const [id, delivery] of this.#owned) {
      const endpoint = mine.get(id)
      if (endpoint === undefined) this.#close(id)
      else if (endpoint.revision !== delivery.revision) delivery.change(endpoint)
    }
    const free = endpoints.filter(
      ({ id, claim, isDisabled }) =>
        claim !== "taken" && !isDisabled && !this.#owned.has(id) && !this.#closing.has(id),
    )
    if (free.length === 0) return
    const claimedMs = performance.now()
    const claimed = await this.#parts.store.claim(
      this.#owner,
      free.map(({ id }) => id),
    )
    for (const endpoint of free) if (claimed.includes(endpoint.id)) this.#open(endpoint, claimedMs)
  }

  #open(endpoint: StoredEndpoint, claimedMs: number): void {
    const { store, sender, observer, feed, sinks, random = Math.random } = this.#parts
    const owner = this.#owner
    const delivery = new EndpointDelivery(
      {
        owner,
        store,
        sender,
        observer,
        random,
        relayTo: (accepting) =>
          new Relay({
            feed,
            sinks,
            sink: webhookSink({ owner, store, ...accepting }),
            changesMax: INTAKE_CHANGES_MAX,
            onDelivered: observer.relayed,
          }),
      },
      endpoint,
      claimedMs,
    )
    this.#owned.set(endpoint.id, delivery)
  }

  #close(id: string): void {
    const delivery = this.#owned.get(id)
    if (delivery === undefined) return
    this.#owned.delete(id)
    const closing = delivery
      .close()
      .then(() => this.#parts.store.release(this.#owner, [id]))
      .catch((error) => this.#parts.observer.failed(error, id))
      .finally(() => this.#closing.delete(id))
    this.#closing.set(id, closing)
  }

  async #renew(): Promise<void> {
    const ids = [...this.#owned.keys()]
    if (ids.length === 0) return
    const askedMs = performance.now()
    for (const id of await this.#parts.store.claim(this.#owner, ids)) this.#owned.get(id)?.renewed(askedMs)
  }

  async #intakeAll(head: string): Promise<boolean> {
    const { observer } = this.#parts
    const left = [...this.#owned]
    let isMore = false
    const lane = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const [id, delivery] = next
        try {
          isMore = (await delivery.intake(head)) || isMore
        } catch (error) {
          // One that cannot go on keeps none of the others.
          observer.failed(error, id)
        }
      }
    }
    await Promise.all(Array.from({ length: INTAKES_MAX }, lane))
    return isMore
  }
}
