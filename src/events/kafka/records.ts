/**
 * Events as records of Kafka, by CloudEvents' binding in its structured mode: the value is the whole event as
 * `GET /v1/events` gives it.
 *
 * The key is a sku. An event about several items is several records, one a sku, with the same event: so whoever follows one
 * item finds everything about it in one partition, in order, and an event that comes twice is known by its id as ever.
 */
import { type EarmarkEvent, skusOf } from "../../core/events/event.ts"

export interface EventRecord {
  readonly event: EarmarkEvent
  readonly key: Buffer
  readonly value: Buffer
}

/**
 * Bytes of keys and values in one go, before they are compressed: below what a broker takes for a partition unless it is told
 * otherwise (`message.max.bytes`, 1,048,588), with room for what is around each record.
 */
const BATCH_BYTES_MAX = 900_000

/** Around a record, headers included: some dozens of bytes. */
const FRAME_BYTES = 100

/** In the order of the events, in batches that are to be sent one after the other. A record too large for one is one. */
export function* batchesOf(events: readonly EarmarkEvent[]): Generator<EventRecord[]> {
  let batch: EventRecord[] = []
  let bytes = 0
  for (const record of recordsOf(events)) {
    const more = record.key.length + record.value.length + FRAME_BYTES
    if (batch.length > 0 && bytes + more > BATCH_BYTES_MAX) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(record)
    bytes += more
  }
  if (batch.length > 0) yield batch
}

function* recordsOf(events: readonly EarmarkEvent[]): Generator<EventRecord> {
  for (const event of events) {
    const value = Buffer.from(JSON.stringify(event))
    for (const sku of skusOf(event)) yield { event, key: Buffer.from(sku), value }
  }
}
