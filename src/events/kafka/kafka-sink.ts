/**
 * Events to a topic of Kafka, keyed by sku.
 *
 * Order: what a key gets is in the order of the feed, because a batch goes only when the one before is acknowledged by all
 * replicas in sync, and each partition appends its part of a batch as a whole. What comes again after a failure is
 * behind its first copy; whoever drops the ids that it has seen has the feed's order.
 */
import { compatibilityPartitioner, Producer } from "@platformatic/kafka"
import type { EarmarkEvent } from "../../core/events/event.ts"
import type { RefusedEvent, Sink } from "../../engine/sink.ts"
import { within } from "../../engine/within.ts"
import { failureOf, refusalOf } from "./failure.ts"
import { batchesOf, type EventRecord } from "./records.ts"

export interface KafkaSinkOptions {
  /** Some of the cluster's; the others are found through them. */
  readonly brokers: readonly { readonly host: string; readonly port: number }[]
  /** With TLS, whose authorities are those that Node trusts. */
  readonly isEncrypted: boolean
  readonly login: {
    readonly username: string
    readonly password: string
    readonly mechanism: Mechanism
  } | null
  /** Has to exist: how many partitions it has, and how long it keeps them, is not ours to decide. */
  readonly topic: string
}

type Mechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"

type EventProducer = Producer<Buffer, Buffer, Buffer, Buffer>

const CONNECT_MS_MAX = 3000
/** For the replicas to have it. */
const REPLICATE_MS_MAX = 5000
const ANSWER_MS_MAX = 10_000
/** Gets over the election of a leader; what takes longer is an outage, and the relay's to wait for. */
const RETRIES = 2
const RETRY_PAUSE_MS = 300
/** With all retries: a cluster that has not taken a batch until now is away. */
const BATCH_MS_MAX = 30_000
const CLOSE_MS_MAX = 2000

const HEADERS = new Map([
  [Buffer.from("content-type"), Buffer.from("application/cloudevents+json; charset=UTF-8")],
])

/** Connects when the first events come. */
export function openKafkaSink(options: KafkaSinkOptions): Sink {
  return new KafkaSink(options)
}

class KafkaSink implements Sink {
  readonly name = "kafka"
  readonly #options: KafkaSinkOptions
  #producer: EventProducer | null = null
  #closed = false

  constructor(options: KafkaSinkOptions) {
    this.#options = options
  }

  async deliver(events: readonly EarmarkEvent[]): Promise<readonly RefusedEvent[]> {
    const refused = new Map<EarmarkEvent, string>()
    for (const batch of batchesOf(events)) await this.#send(batch, refused)
    return [...refused].map(([event, reason]) => ({ event, reason }))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#dropProducer()
  }

  /** A batch that is refused is halved until what is refused stands alone, so that nothing else is. */
  async #send(batch: readonly EventRecord[], refused: Map<EarmarkEvent, string>): Promise<void> {
    try {
      await this.#produce(batch)
    } catch (error) {
      const [first] = batch
      const reason = refusalOf(error)
      if (reason === null || first === undefined) {
        throw new Error(`Kafka did not take the events: ${failureOf(error)}`, { cause: error })
      }
      if (batch.length === 1) {
        refused.set(first.event, `${reason} to ${first.value.length} bytes`)
        return
      }
      const middle = Math.ceil(batch.length / 2)
      await this.#send(batch.slice(0, middle), refused)
      await this.#send(batch.slice(middle), refused)
    }
  }

  async #produce(batch: readonly EventRecord[]): Promise<void> {
    if (this.#closed) throw new Error("the sink is closed")
    const { topic } = this.#options
    this.#producer ??= openProducer(this.#options)
    const messages = batch.map(({ key, value }) => ({ topic, key, value, headers: HEADERS }))
    try {
      await within(BATCH_MS_MAX, this.#producer.send({ messages }), "Kafka did not take the events")
    } catch (error) {
      // What it was about to send again must not come between later batches.
      if (refusalOf(error) === null) void this.#dropProducer()
      throw error
    }
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer
    this.#producer = null
    // One that leads nowhere any more may never close; its requests run out of time all the same.
    if (producer) await within(CLOSE_MS_MAX, producer.close(true)).catch(() => {})
  }
}

function openProducer({ brokers, isEncrypted, login }: KafkaSinkOptions): EventProducer {
  return new Producer({
    clientId: "earmark",
    bootstrapBrokers: brokers.map((broker) => ({ ...broker })),
    // Sends one request at a time to each broker, and none of its retries is appended twice.
    idempotent: true,
    // It has none yet. The client would ask for 0, which is somebody's.
    producerId: -1n,
    producerEpoch: -1,
    // Where clients in other languages look for a key, too.
    partitioner: compatibilityPartitioner,
    compression: "gzip",
    connectTimeout: CONNECT_MS_MAX,
    requestTimeout: ANSWER_MS_MAX,
    timeout: REPLICATE_MS_MAX,
    retries: RETRIES,
    retryDelay: RETRY_PAUSE_MS,
    ...(isEncrypted ? { tls: {}, tlsServerName: true } : {}),
    ...(login ? { sasl: login } : {}),
  })
}
