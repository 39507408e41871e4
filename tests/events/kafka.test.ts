/** Events in Kafka: all of them, each item's in order, whatever becomes of the way there. Read back by another client. */
import { randomBytes } from "node:crypto"
import { expect, onTestFinished, test } from "vitest"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import type { Sink } from "../../src/engine/sink.ts"
import { openKafkaSink } from "../../src/events/kafka/kafka-sink.ts"
import { KafkaCluster, type KafkaRecord } from "../support/kafka-cluster.ts"
import { KafkaDoors } from "../support/kafka-doors.ts"
import {
  deliverAll,
  expectSameOrder,
  firstByKey,
  heldEvent,
  idsBySku,
  makeEvents,
} from "../support/sink-events.ts"

const TOPIC = "earmark.events"
const EVENTS = 20_000

/** What one request of a page and each of its retries are. */
const TRIES = 3

test("20,000 events arrive in the order of each item, through outages and lost answers", async () => {
  const { cluster, doors, sink } = await openWay()
  const events = makeEvents(EVENTS)
  let rejected = 0
  const refused = await deliverAll(sink, events, {
    async before(page) {
      if (page === 3 && rejected === 0) await doors.shut()
      // Some are answered, some are not: each of three brokers has a part of the page.
      if (page === 8) doors.answersToLose = 1
      if (page === 12 && rejected === 1) doors.answersToLose = 3 * TRIES
    },
    async onRejected(error) {
      rejected += 1
      if (rejected === 1) {
        expect(String(error)).toMatch(/^Error: Kafka did not take the events: .*ECONNREFUSED/)
        await doors.open()
      }
      doors.answersToLose = 0
    },
  })
  expect(refused).toEqual([])
  expect(rejected).toBe(2)
  const records = await cluster.read(TOPIC)
  expectSameOrder(firstByKey(records.map(told)), idsBySku(events))
  // Some came twice, and are known by their ids.
  expect(records.length).toBeGreaterThan(EVENTS * 1.2)
})

test("a record is a whole event as CloudEvents have it, under each of its items", async () => {
  const { cluster, sink } = await openWay()
  const [event] = makeEvents(1) as [EarmarkEvent]
  await sink.deliver([event])
  const records = await cluster.read(TOPIC)
  expect(records.map(({ key }) => key).sort()).toEqual(["SKU-0", "SKU-13", "SKU-26"])
  for (const { headers, payload } of records) {
    expect(headers).toEqual(["content-type", "application/cloudevents+json; charset=UTF-8"])
    expect(JSON.parse(payload)).toEqual(event)
  }
})

test("a key is in the partition where clients in other languages look for it", async () => {
  const { cluster, sink } = await openWay()
  const events = makeEvents(200)
  await sink.deliver(events)
  const ours = partitions(await cluster.read(TOPIC))
  expect(new Set(ours.values()).size).toBeGreaterThan(1)
  const other = await KafkaCluster.forTest("other")
  await other.produce(
    "other",
    [...ours.keys()].map((key) => ({ key, value: "x" })),
  )
  expect(partitions(await other.read("other"))).toEqual(ours)
})

test("a record that is too large is refused alone", async () => {
  const { cluster, doors, sink } = await openWay()
  doors.refusedBytes = 150_000
  const events = makeEvents(200)
  const [line] = events[1]?.type === "reservation.held" ? events[1].data.lines : []
  if (!line) throw new Error("there is no line")
  const large = heldEvent("large-1", [line], { cart: randomBytes(200_000).toString("base64") })
  const refused = await sink.deliver([...events.slice(0, 99), large, ...events.slice(99)])
  const bytes = Buffer.byteLength(JSON.stringify(large))
  expect(refused).toEqual([{ event: large, reason: `Kafka answered MESSAGE_TOO_LARGE to ${bytes} bytes` }])
  expectSameOrder(firstByKey((await cluster.read(TOPIC)).map(told)), idsBySku(events))
})

test("events that are more than a broker takes in one go are sent in several", async () => {
  const { cluster, doors, sink } = await openWay()
  doors.refusedBytes = 1_000_000
  // Hardly to be compressed, and all of one item: of one partition.
  const events = Array.from({ length: 30 }, (_, index) => {
    const level = {
      sku: "MUG",
      location: "LAX",
      version: index + 1,
      onHand: 9,
      held: 1,
      safetyStock: 0,
      available: 8,
    }
    return heldEvent(`${index}-1`, [{ ...level, quantity: 1 }], {
      cart: randomBytes(75_000).toString("base64"),
    })
  })
  expect(await sink.deliver(events)).toEqual([])
  const ids = (await cluster.read(TOPIC)).map((record) => told(record).id)
  expect(ids).toEqual(events.map(({ id }) => id))
  expect(doors.produced).toBe(4)
})

test("nothing is sent when there is nothing to tell, nor after the sink was closed", async () => {
  const { doors, sink } = await openWay()
  expect(await sink.deliver([])).toEqual([])
  await sink.close()
  await expect(sink.deliver(makeEvents(1))).rejects.toThrow("closed")
  expect(doors.produced).toBe(0)
})

async function openWay(): Promise<{ cluster: KafkaCluster; doors: KafkaDoors; sink: Sink }> {
  const cluster = await KafkaCluster.forTest(TOPIC)
  const doors = await KafkaDoors.forTest(cluster.brokers)
  return { cluster, doors, sink: openSink(doors.brokers, TOPIC) }
}

function openSink(brokers: KafkaCluster["brokers"], topic: string): Sink {
  const sink = openKafkaSink({ brokers, isEncrypted: false, login: null, topic })
  onTestFinished(() => sink.close())
  return sink
}

function told({ key, payload }: KafkaRecord): { key: string; id: string } {
  return { key, id: (JSON.parse(payload) as EarmarkEvent).id }
}

function partitions(records: readonly KafkaRecord[]): Map<string, number> {
  return new Map(
    records.map(({ key, partition }) => [key, partition] as const).sort(([a], [b]) => a.localeCompare(b)),
  )
}
