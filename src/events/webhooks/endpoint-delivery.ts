/**
 * Delivers to one endpoint, which is this worker's alone: takes its events out of the feed while few wait, and sends what
 * waits, a few at once, in the order of each item.
 */
import type {
  DeliveryStore,
  ReportedAttempt,
  StoredEndpoint,
  Verdict,
  WaitingDelivery,
} from "../../engine/delivery-store.ts"
import type { AttemptOutcome, DeliveryState } from "../../engine/webhook-views.ts"
import type { Relay } from "../relay.ts"
import { AttemptRecorder } from "./attempt-recorder.ts"
import type { AttemptResult } from "./attempt-result.ts"
import { type Circuit, stepCircuit } from "./circuit.ts"
import { DeliveryQueue, type QueuedDelivery } from "./delivery-queue.ts"
import { pauseBeforeNextMs } from "./retry-schedule.ts"
import { type EndpointSecrets, secretsOf } from "./secrets.ts"
import type { WebhookSender } from "./send.ts"

export interface EndpointParts {
  readonly owner: string
  readonly store: DeliveryStore
  readonly sender: WebhookSender
  readonly observer: DeliveryObserver
  readonly random: () => number
  /** Takes its events out of the feed. */
  readonly relayTo: (accepting: Accepting) => Relay
}

/** What the sink of an endpoint asks. */
export interface Accepting {
  readonly endpoint: () => StoredEndpoint
}

export interface DeliveryObserver {
  attempted(outcome: AttemptOutcome): void
  settled(state: Exclude<DeliveryState, "waiting">): void
  /** Taken out of the feed. */
  relayed(events: number, refused: number): void
  /** @param webhookId null: it concerns all of them */
  failed(error: unknown, webhookId: string | null): void
}

/** Sent at once. One that is slow leaves room for others; more would be a flood for whoever has to answer. */
const SENDING_MAX = 4
/** Beyond it nothing more is taken out of the feed, which keeps the rest better than a table does. */
const WAITING_MAX = 1000
/** What waits is a page of the feed more at most. */
const LOAD_MAX = 2 * WAITING_MAX
/** Not written down yet. If the worker dies, so many at most are sent again. */
const UNRECORDED_MAX = 64
/** After the last renewal of the claim: what begins by then is over before the claim is. */
const SENDING_AFTER_RENEWAL_MS = 5000
/** Dead letters may be asked for again, and who reads the feed misses nothing, also where the head seems the same. */
const INTAKE_MS_MAX = 2000
const INTAKE_AFTER_FAILURE_MS = 1000
/** What is known of the queue is compared with what is stored now and then. */
const RELOAD_MS = 30_000
/** A timer that comes early does no harm. */
const WAKE_MS_MAX = 60_000

interface Owed extends QueuedDelivery {
  readonly stored: WaitingDelivery
  attempts: number
  failures: number
}

export class EndpointDelivery {
  readonly #parts: EndpointParts
  readonly #relay: Relay
  readonly #recorder: AttemptRecorder
  readonly #queue = new DeliveryQueue<Owed>()
  readonly #tests: Owed[] = []
  /** Being sent, or sent and not written down. */
  readonly #underWay = new Set<number>()
  readonly #sends = new Set<Promise<void>>()
  #endpoint: StoredEndpoint
  #secrets: EndpointSecrets
  #circuit: Circuit
  #renewedMs: number
  #isGone = false
  #isClosed = false
  #head: string | null = null
  #intakeMs = 0
  #notBeforeMs = 0
  #loadedThrough = 0
  #reloadMs = 0
  #timer: NodeJS.Timeout | undefined

  /** @param renewedMs when it was claimed, or before */
  constructor(parts: EndpointParts, endpoint: StoredEndpoint, renewedMs: number) {
    this.#parts = parts
    this.#endpoint = endpoint
    this.#secrets = secretsOf(endpoint, performance.now())
    const { untilInMs, ...circuit } = endpoint.circuit
    this.#circuit = { ...circuit, untilMs: performance.now() + untilInMs }
    this.#renewedMs = renewedMs
    this.#relay = parts.relayTo({ endpoint: () => this.#endpoint })
    this.#recorder = new AttemptRecorder({
      write: (attempts) => this.#write(attempts),
      onWritten: (attempts) => this.#written(attempts),
      onFailure: (error) => parts.observer.failed(error, endpoint.id),
    })
  }

  get revision(): number {
    return this.#endpoint.revision
  }

  renewed(atMs: number): void {
    this.#renewedMs = atMs
    this.#send()
  }

  /** Something was asked for, or is signed otherwise. */
  change(endpoint: StoredEndpoint): void {
    this.#endpoint = endpoint
    this.#secrets = secretsOf(endpoint, performance.now())
    this.#reloadMs = 0
  }

  /**
   * @param head where the feed ends
   * @returns whether there is more to take
   */
  async intake(head: string): Promise<boolean> {
    const more = await this.#takeFromFeed(head)
    if (performance.now() >= this.#reloadMs) await this.#reload()
    else await this.#load()
    this.#send()
    return more
  }

  /** Resolves when what is being sent has been answered, and that is written down. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await Promise.all(this.#sends)
    await this.#recorder.close()
    await this.#relay.stop()
  }

  async #takeFromFeed(head: string): Promise<boolean> {
    const now = performance.now()
    const isNew = head !== this.#head || now >= this.#intakeMs
    if (this.#isClosed || !isNew || now < this.#notBeforeMs || this.#queue.size >= WAITING_MAX) return false
    this.#intakeMs = now + INTAKE_MS_MAX
    try {
      const more = await this.#relay.pass()
      this.#head = more ? null : head
      return more
    } catch (error) {
      this.#notBeforeMs = now + INTAKE_AFTER_FAILURE_MS
      throw error
    }
  }

  async #reload(): Promise<void> {
    this.#reloadMs = performance.now() + RELOAD_MS
    this.#loadedThrough = 0
    await this.#load()
  }

  async #load(): Promise<void> {
    const { store } = this.#parts
    await this.#recorder.alone(async () => {
      const isAnew = this.#loadedThrough === 0
      const after = { id: this.#loadedThrough, limit: LOAD_MAX }
      const rows = await store.waiting(this.#endpoint.id, after)
      if (isAnew) {
        this.#queue.clear((id) => this.#underWay.has(id))
        this.#tests.length = 0
      }
      for (const row of rows) this.#add(row)
      this.#loadedThrough = rows.at(-1)?.id ?? this.#loadedThrough
    })
  }

  #add(row: WaitingDelivery): void {
    const { id, kind, skus, attempts, failures, dueInMs } = row
    if (this.#underWay.has(id) || this.#queue.has(id)) return
    const owed = { id, skus: kind === "feed" ? skus : [], stored: row, attempts, failures }
    if (kind === "test") this.#tests.push(owed)
    else this.#queue.add(owed, performance.now() + dueInMs)
  }

  #send(): void {
    clearTimeout(this.#timer)
    if (!this.#maySend()) return
    const test = this.#tests.shift()
    if (test) this.#begin(test)
    while (this.#sends.size < SENDING_MAX && this.#maySend()) {
      const owed = this.#queue.take(performance.now())
      if (owed === undefined) break
      const { circuit, answer } = stepCircuit(this.#circuit, "ask", performance.now())
      this.#circuit = circuit
      if (answer === "wait") {
        this.#queue.putBack(owed.id, performance.now())
        break
      }
      this.#begin(owed)
    }
    this.#wakeLater()
  }

  #maySend(): boolean {
    const isOurs = performance.now() - this.#renewedMs < SENDING_AFTER_RENEWAL_MS
    return isOurs && !this.#isClosed && !this.#isGone && this.#underWay.size < UNRECORDED_MAX
  }

  #wakeLater(): void {
    const dueMs = this.#queue.nextDueMs()
    if (dueMs === null || this.#sends.size >= SENDING_MAX) return
    const openMs = this.#circuit.state === "closed" ? 0 : this.#circuit.untilMs
    const inMs = Math.max(dueMs, openMs) - performance.now()
    this.#timer = setTimeout(() => this.#send(), Math.min(Math.max(inMs, 1), WAKE_MS_MAX))
  }

  #begin(owed: Owed): void {
    this.#underWay.add(owed.id)
    const sending = this.#attempt(owed)
      // Our own mistake: it stays where it is, and is told of.
      .catch((error: unknown) => this.#parts.observer.failed(error, this.#endpoint.id))
      .finally(() => {
        this.#sends.delete(sending)
        this.#send()
      })
    this.#sends.add(sending)
  }

  async #attempt(owed: Owed): Promise<void> {
    const { sender, observer } = this.#parts
    const { id, url } = this.#endpoint
    const { eventId, body } = owed.stored
    const result = await sender.send(
      { id, url, secrets: this.#secrets.at(performance.now()) },
      { id: `${id}_${eventId}`, contentType: "application/cloudevents+json", body },
    )
    observer.attempted(result.kind)
    this.#noteHealth(result)
    owed.attempts += 1
    owed.failures += 1
    const verdict = this.#verdictOn(owed, result)
    if (verdict.state !== "waiting") {
      observer.settled(verdict.state)
      this.#queue.settle(owed.id)
    }
    this.#recorder.add(reportOf(owed, result, verdict))
  }

  #noteHealth({ kind }: AttemptResult): void {
    if (kind === "gone") this.#isGone = true
    else {
      const event = kind === "delivered" ? "success" : "failure"
      this.#circuit = stepCircuit(this.#circuit, event, performance.now()).circuit
    }
  }

  #verdictOn({ stored, failures }: Owed, result: AttemptResult): Verdict {
    if (result.kind === "delivered") return { state: "delivered" }
    // A test that is told a day late tests nothing.
    if (stored.kind === "test") return { state: "failed" }
    // It is disabled now, and goes on here when it is enabled.
    if (result.kind === "gone") return { state: "waiting", pauseMs: 0 }
    const retryAfterSeconds = result.kind === "rejected" ? result.retryAfterSeconds : null
    const pauseMs = pauseBeforeNextMs({ attempts: failures, retryAfterSeconds }, this.#parts.random())
    return pauseMs === null ? { state: "failed" } : { state: "waiting", pauseMs }
  }

  #write(attempts: readonly ReportedAttempt[]): Promise<void> {
    const { store, owner } = this.#parts
    const { untilMs, ...circuit } = this.#circuit
    const untilInMs = circuit.state === "closed" ? 0 : Math.round(untilMs - performance.now())
    const report = { attempts, circuit: { ...circuit, untilInMs }, isGone: this.#isGone }
    return store.record(this.#endpoint.id, owner, report)
  }

  #written(attempts: readonly ReportedAttempt[]): void {
    for (const { deliveryId, verdict } of attempts) {
      this.#underWay.delete(deliveryId)
      if (verdict.state === "waiting") this.#queue.putBack(deliveryId, performance.now() + verdict.pauseMs)
    }
    this.#send()
  }
}

function reportOf({ id, attempts }: Owed, result: AttemptResult, verdict: Verdict): ReportedAttempt {
  const { kind: outcome, status, excerpt, durationMs } = result
  return {
    deliveryId: id,
    number: attempts,
    outcome,
    status,
    excerpt,
    durationMs,
    verdict,
    reason: reasonOf(result),
  }
}

function reasonOf(result: AttemptResult): string | null {
  switch (result.kind) {
    case "delivered":
      return null
    case "gone":
    case "rejected":
      return `it answered ${result.status}`
    case "unreachable":
      return `${result.reason}: ${result.detail}`
    case "refused_address":
      return result.detail
  }
}
