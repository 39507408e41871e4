/** `earmark events` over a real database: what it prints, and what an operator can do about sinks. */
import { beforeEach, expect, onTestFinished, test } from "vitest"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import type { SinkStore } from "../../src/engine/sink-store.ts"
import { FEED_START } from "../../src/events/cursor.ts"
import { createEngine, type Engine } from "../../src/index.ts"
import { createSinkStore } from "../../src/postgres/sinks/sink-store.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"
import { stock } from "../support/engine.ts"
import { launch, run } from "./earmark-process.ts"

let settings: { DATABASE_URL: string }
let engine: Engine
let sinks: SinkStore
beforeEach(async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const pool = openTestPool(database.url, 2)
  onTestFinished(() => pool.end())
  settings = { DATABASE_URL: database.url }
  engine = await createEngine({ pool, migrate: false })
  sinks = createSinkStore({ pool, schema: "earmark", observer: SILENT_OBSERVER })
  await stock(engine, "MUG", { LAX: 3 })
  await stock(engine, "PEN", { LAX: 5 })
})

async function reserve(sku: string, quantity: number): Promise<string> {
  const made = await engine.reserve({ lines: [{ sku, quantity }] })
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  return made.reservation.id
}

test("prints what is kept, a line for each event, or as JSON from a cursor on", async () => {
  const id = await reserve("MUG", 3)
  const { stdout, exitCode } = await run(["events", "tail", "--no-follow", "--sku", "MUG"], settings)
  expect(exitCode).toBe(0)
  expect(stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/^\S+Z {2}stock\.adjusted +MUG\/LAX {2}\+3, 3 available$/),
    expect.stringMatching(/^\S+Z {2}stock\.availability_changed +MUG\/LAX {2}back in stock, 3 available$/),
    expect.stringMatching(new RegExp(`reservation\\.held +${id} {2}3 x MUG/LAX \\(0 available\\)$`)),
    expect.stringMatching(/stock\.availability_changed +MUG\/LAX {2}sold out, 0 available$/),
  ])
  const json = await run(["events", "tail", "--no-follow", "--json"], settings)
  const told = json.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { cursor: string; event: EarmarkEvent })
  expect(told).toHaveLength(6)
  const rest = await run(
    ["events", "tail", "--no-follow", "--json", "--from", told[3]?.cursor ?? ""],
    settings,
  )
  expect(rest.stdout).toBe(json.stdout.split("\n").slice(4).join("\n"))
})

test("follows what happens until Ctrl-C", async () => {
  const tail = launch(["events"], settings)
  const seller = setInterval(
    () => void engine.adjust({ sku: "PEN", location: "LAX", delta: 1, reason: "counted" }),
    50,
  )
  await tail.saw(/stock\.adjusted +PEN\/LAX {2}\+1/)
  clearInterval(seller)
  tail.child.kill("SIGINT")
  expect(await tail.ended()).toMatchObject({ exitCode: 0, stderr: "" })
  expect(tail.stdout()).not.toContain("MUG")
})

test("shows the sinks and what they refused, and hands it on again", async () => {
  expect((await run(["events", "sinks"], settings)).stderr).toContain("no events are handed on")
  await sinks.open("kafka", FEED_START)
  await sinks.claim("kafka", OWNER)
  const { events } = await engine.events({ limit: 1 })
  const refused = events.map(({ event }) => ({ event, reason: "too large" }))
  await sinks.move("kafka", OWNER, { from: FEED_START, cursor: FEED_START, refused })
  await sinks.failed("kafka", OWNER, "no broker answers")
  expect((await run(["events", "sinks"], settings)).stdout).toMatch(
    /sink +lag +dead +failing\nkafka +\d+\.\d s +1 +no broker answers \(1 times since .*Z\)/,
  )
  const dead = await run(["events", "dead", "--sink", "kafka"], settings)
  expect(dead.stdout).toMatch(/1 +kafka +stock\.adjusted +MUG\/LAX +\S+Z +too large/)
  expect((await run(["events", "dead", "--sink", "other"], settings)).stderr).toContain(
    "no event was refused",
  )
  expect((await run(["events", "replay", "--sink", "kafka", "1"], settings)).stderr).toContain("1 events")
  expect(await sinks.askedAgain("kafka", 10)).toHaveLength(1)

  const again = await run(["events", "replay", "--sink", "kafka", "--from", "now", "--json"], settings)
  const { cursor } = JSON.parse(again.stdout) as { cursor: string }
  expect((await sinks.list())[0]).toMatchObject({ cursor, failure: null })
  expect(cursor).not.toBe(FEED_START)
})

test("forgets a sink that nobody hands anything on to", async () => {
  await sinks.open("gone", FEED_START)
  await sinks.claim("gone", OWNER)
  const { events } = await engine.events({ limit: 1 })
  const refused = events.map(({ event }) => ({ event, reason: "too large" }))
  await sinks.move("gone", OWNER, { from: FEED_START, cursor: FEED_START, refused })
  const used = await run(["events", "forget", "--sink", "gone"], settings)
  expect(used).toMatchObject({ exitCode: 1 })
  expect(used.stderr).toContain("gone is in use")
  await sinks.release("gone", OWNER)
  expect((await run(["events", "forget", "--sink", "gone"], settings)).stderr).toContain("gone is forgotten")
  expect((await sinks.list()).map(({ name }) => name)).not.toContain("gone")
  expect(await sinks.deadEvents({ sink: "gone" })).toEqual([])

  await sinks.open("webhook:whk_1", FEED_START)
  const webhook = await run(["events", "forget", "--sink", "webhook:whk_1"], settings)
  expect(webhook.stderr).toContain("earmark webhooks remove whk_1")
  expect(await sinks.list()).toMatchObject([{ name: "webhook:whk_1" }])
})

test.each([
  [["events", "watch"], 2, "watch: expected one of tail, sinks, dead, replay, forget"],
  [["events", "forget"], 2, "forget needs --sink"],
  [["events", "forget", "--sink", "kafka"], 1, "there is no sink kafka; there are: none"],
  [["events", "dead", "7"], 2, "dead takes no ids"],
  [["events", "replay", "x"], 2, "x: expected the id of a dead event"],
  [["events", "replay", "--from", "now"], 2, "--from needs --sink"],
  [["events", "replay", "--from", "now", "--sink", "kafka"], 1, "there is no sink kafka; there are: none"],
  [["events", "tail", "--from", "yesterday"], 1, "must be a cursor that the feed has given"],
])("%j is answered with %i and a sentence", async (words, exitCode, sentence) => {
  const ended = await run(words, settings)
  expect(ended.stderr).toContain(sentence)
  expect(ended.exitCode).toBe(exitCode)
})

const OWNER = "00000000-0000-4000-8000-000000000001"
