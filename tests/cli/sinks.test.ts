/** Sinks of events with the real command line: workers hand everything on, whichever of them is killed. */
import { expect, onTestFinished, test } from "vitest"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import { createEngine } from "../../src/index.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"
import { stock } from "../support/engine.ts"
import { eventually } from "../support/hot-shop.ts"
import { KafkaCluster } from "../support/kafka-cluster.ts"
import { launch, run } from "./earmark-process.ts"

const TOPIC = "shop"
/** A worker that is not heard of is waited for, for 15 s. */
const WAIT_MS = 60_000

test("a worker hands events on to Kafka; when it is killed, another one goes on, and an operator sees it", async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const pool = openTestPool(database.url, 4)
  onTestFinished(() => pool.end())
  const engine = await createEngine({ pool, migrate: false })
  const kafka = await KafkaCluster.forTest(TOPIC)
  const brokers = kafka.brokers.map(({ host, port }) => `${host}:${port}`).join(",")
  const settings = {
    DATABASE_URL: database.url,
    EARMARK_KAFKA_URL: `kafka://${brokers}`,
    EARMARK_KAFKA_TOPIC: TOPIC,
  }
  const toldIds = async () => {
    const records = await kafka.read(TOPIC)
    return new Set(records.map(({ payload }) => (JSON.parse(payload) as EarmarkEvent).id))
  }
  const committedIds = async () =>
    new Set((await engine.events({ limit: 200 })).events.map(({ event }) => event.id))
  const allAreTold = async () => (await toldIds()).size === (await committedIds()).size

  // What was there before anybody listened is told as well.
  await stock(engine, "MUG", { LAX: 100 })
  const first = launch(["worker"], settings)
  await first.saw(/the loops run: .*kafka/)
  await eventually(allAreTold, "the first worker tells what there is", WAIT_MS)
  expect((await run(["events", "sinks"], settings)).stdout).toMatch(/kafka +0\.0 s +0/)

  const second = launch(["worker"], settings)
  await second.saw(/the loops run/)
  first.child.kill("SIGKILL")
  await first.ended()
  for (let sale = 0; sale < 50; sale += 1) await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  await eventually(allAreTold, "the second worker takes over", WAIT_MS)
  expect(await toldIds()).toEqual(await committedIds())

  const records = (await kafka.read(TOPIC)).length
  await run(["events", "replay", "--sink", "kafka", "--from", "oldest"], settings)
  await eventually(async () => (await kafka.read(TOPIC)).length >= records + 50, "it begins again", WAIT_MS)
  second.child.kill("SIGTERM")
  expect((await second.ended()).exitCode).toBe(0)
}, 240_000)
