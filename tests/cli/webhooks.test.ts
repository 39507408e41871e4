/** Webhooks from the command line to an endpoint, through a service as it is started. */
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { type EarmarkEvent, skusOf } from "../../src/core/events/event.ts"
import { createEngine, type Engine } from "../../src/index.ts"
import { createTestDatabase, type TestDatabase } from "../support/database.ts"
import { stock } from "../support/engine.ts"
import { closeAll } from "../support/sending.ts"
import { receiver, verified } from "../support/webhook-lab.ts"
import { launch, listening, run, type Settings } from "./earmark-process.ts"

let database: TestDatabase
let engine: Engine
let settings: Settings
beforeAll(async () => {
  database = await createTestDatabase()
  settings = { DATABASE_URL: database.url, EARMARK_WEBHOOK_ALLOW: "127.0.0.0/8" }
  engine = await createEngine({ databaseUrl: database.url })
  await stock(engine, "MUG", { LAX: 100 })
  await stock(engine, "CUP", { LAX: 100 })
})
afterEach(closeAll)
afterAll(async () => {
  await engine.close()
  await database.drop()
})

const webhooks = (...words: string[]) => run(["webhooks", ...words], settings)
async function jsonOf(...words: string[]) {
  const { exitCode, stdout, stderr } = await webhooks(...words, "--json")
  expect([exitCode, stderr.includes("error")]).toEqual([0, false])
  return JSON.parse(stdout)
}
const sell = (sku: string) => engine.reserve({ lines: [{ sku, quantity: 1 }] })

/** Many processes start in turn. */
const timeout = 180_000

test("a webhook is made, told, tested, replaced in its secret, stopped, enabled and removed", {
  timeout,
}, async () => {
  const endpoint = await receiver()
  const service = await listening(["serve"], settings)
  const { id, secret } = await jsonOf("add", endpoint.url, "--skus", "MUG", "--description", "mine")
  await sell("CUP")
  await sell("MUG")
  while (endpoint.requests.length < 1) await pause(20)
  const [first] = endpoint.requests
  expect(first && verified(secret, first)).toMatchObject({ type: "reservation.held" })
  expect(first?.headers["user-agent"]).toMatch(/^earmark\/\d/)

  await webhooks("test", id)
  while (endpoint.requests.length < 2) await pause(20)
  const list = (await webhooks("list")).stdout
  expect(list).toContain(id)
  expect(list).not.toContain(secret)
  const { deliveries } = await jsonOf("deliveries", id)
  expect(deliveries.map(({ event }: { event: { type: string } }) => event.type)).toEqual([
    "webhook.test",
    "reservation.held",
  ])
  await webhooks("redeliver", id, deliveries[1].id)
  while (endpoint.requests.length < 3) await pause(20)
  expect(endpoint.requests[2]?.headers["webhook-id"]).toBe(first?.headers["webhook-id"])

  const rotated = await jsonOf("rotate", id)
  expect(rotated.secret).not.toBe(secret)
  expect(await jsonOf("disable", id)).toMatchObject({ state: "disabled" })
  await sell("MUG")
  expect(await jsonOf("enable", id)).toMatchObject({ state: "enabled" })
  while (endpoint.requests.length < 4) await pause(20)
  const last = endpoint.requests.at(-1)
  expect(last && verified(rotated.secret, last)).toMatchObject({ type: "reservation.held" })
  // The endpoint knows of the last one before the worker has its answer.
  const metrics = async () => (await fetch(`${service.url}/metrics`)).text()
  await expect.poll(metrics).toContain('earmark_webhook_attempts_total{outcome="delivered"} 4')
  expect(await metrics()).toContain('earmark_webhooks{state="enabled"} 1')
  expect((await webhooks("remove", id)).exitCode).toBe(0)
  expect((await webhooks("list")).stderr).toContain("there are no webhooks")
  expect((await service.stop()).exitCode).toBe(0)
})

test("what cannot be done is said", { timeout }, async () => {
  expect(await webhooks("add", "https://10.0.0.1/")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("/url must lead to a public address"),
  })
  expect(await webhooks("add", "https://shop.example/", "--types", "stock.stolen")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("/types/0"),
  })
  expect((await webhooks("mend")).exitCode).toBe(2)
  expect((await webhooks("test")).exitCode).toBe(2)
  expect(await webhooks("test", "whk_1")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("there is no webhook whk_1"),
  })
  const wrong = await run(["config"], { EARMARK_WEBHOOK_ALLOW: "10.0.0.0" })
  expect(wrong).toMatchObject({ exitCode: 1 })
})

const inShort = (event: unknown) => {
  const told = event as EarmarkEvent
  return `${told.type} ${skusOf(told).join()}`
}

test("listen signs and forwards what happens, says what came of it, and ends with Ctrl-C", async () => {
  const endpoint = await receiver()
  endpoint.answer = () => (endpoint.requests.length === 1 ? 500 : 200)
  const wishes = ["--skus", "CUP", "--types", "reservation.held"]
  const listen = launch(["listen", "--forward-to", endpoint.url, ...wishes], settings)
  await listen.saw("the secret to verify with: ")
  const [secret = ""] = /whsec_\S+/.exec(listen.stderr()) ?? []
  await sell("CUP")
  await sell("MUG")
  await engine.adjust({ sku: "CUP", location: "LAX", delta: 1, reason: "received" })
  await sell("CUP")
  await listen.saw(/ 500 {2}\d+ ms\n(.*\n)*.* 200 {2}\d+ ms\n/)
  const told = endpoint.requests.map((request) => inShort(verified(secret, request)))
  expect(told).toEqual(["reservation.held CUP", "reservation.held CUP"])
  listen.child.kill("SIGINT")
  expect((await listen.ended()).exitCode).toBe(0)
  expect((await run(["listen"], settings)).exitCode).toBe(2)
  expect((await run(["listen", "--forward-to", "http://localhost:1"], settings)).exitCode).toBe(2)
  const nowhere = await run(["listen", "--forward-to", endpoint.url, "--from", "yesterday"], settings)
  expect(nowhere).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^earmark: .*must be a cursor that the feed has given\n$/m),
  })
  expect(nowhere.stderr).not.toContain("    at ")
})
