/** `/v1/live`: whoever watches an item ends on what is true, and a thousand of them cost about as much as one. */
import { once } from "node:events"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { STRATEGIES } from "../../src/index.ts"
import { createMetrics } from "../../src/telemetry/metrics.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { invalid, problem } from "../http/service.ts"
import { openTransaction } from "../support/database.ts"
import { stock } from "../support/engine.ts"
import { TestWatcher } from "../support/watcher.ts"

const LOOK_INTERVAL_MS = 250
let metrics = createMetrics()
let service: ListeningService
const watchers: TestWatcher[] = []
beforeEach(async () => {
  metrics = createMetrics()
  service = await startListening({ metrics, heartbeatMs: 200 })
  await stock(service.engine, "MUG", { BERLIN: 5000, LAX: 10 })
  await stock(service.engine, "CUP", { BERLIN: 50 })
})
afterEach(async () => {
  for (const watcher of watchers.splice(0)) watcher.close()
  await service.close()
})

async function watch(query: string): Promise<TestWatcher> {
  const watcher = new TestWatcher(`${service.listensOn.replace("http", "ws")}/v1/live?${query}`)
  watchers.push(watcher)
  await watcher.opened
  return watcher
}

const sell = (sku: string, quantity = 1) => service.engine.reserve({ lines: [{ sku, quantity }] })
const value = async (name: string) =>
  Number(new RegExp(`^earmark_live_${name} (\\d+)$`, "m").exec(await metrics.register.metrics())?.[1])
const UPGRADE = { connection: "upgrade", upgrade: "websocket", "sec-websocket-version": "13" }

describe("whoever watches", () => {
  test("is told what is available now, and whenever that changes, in the words of the item's availability", async () => {
    const watcher = await watch("sku=MUG&sku=CUP")
    await watcher.until(({ messages }) => messages.length === 2)
    const { body } = await service.call("GET", "/v1/items/MUG/availability")
    expect(watcher.latest("MUG")).toEqual({ ...body, type: "availability", asOf: expect.any(String) })
    await sell("CUP", 7)
    await watcher.until(() => watcher.latest("CUP")?.available === 43)
    await service.engine.adjust({ sku: "CUP", location: "BERLIN", delta: 5, reason: "received" })
    await watcher.until(() => watcher.latest("CUP")?.onHand === 55)
    await service.engine.setSafetyStock({ sku: "CUP", location: "BERLIN", safetyStock: 8 })
    await watcher.until(() => watcher.latest("CUP")?.available === 40)
    expect(watcher.messages.filter(({ sku }) => sku === "MUG")).toHaveLength(1)
  })

  test("may separate items by commas, and name one twice", async () => {
    const watcher = await watch("sku=MUG,CUP&sku=CUP")
    await watcher.until(({ messages }) => messages.length === 2)
    expect(watcher.messages.map(({ sku }) => sku)).toEqual(["MUG", "CUP"])
  })

  test("is told that a hold has run out, also where nobody writes that down", async () => {
    await service.engine.reserve({ lines: [{ sku: "CUP", quantity: 50 }], ttlSeconds: 1 })
    const watcher = await watch("sku=CUP")
    await watcher.until(() => watcher.latest("CUP")?.available === 0)
    await watcher.until(() => watcher.latest("CUP")?.available === 50)
  })

  test("is told of a transaction that was open for long", async () => {
    const tx = await openTransaction(service.pool)
    await service.engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] }, { tx: tx as never })
    const watcher = await watch("sku=CUP&sku=MUG")
    await sell("MUG")
    await watcher.until(() => watcher.latest("MUG")?.available === 5009)
    await tx.query("commit")
    tx.release()
    await watcher.until(() => watcher.latest("CUP")?.available === 49)
  })
})

test.each(STRATEGIES)("what is sold with the strategy %s is told", async (strategy) => {
  await service.close()
  service = await startListening({ metrics, strategy })
  await stock(service.engine, "MUG", { BERLIN: 30, LAX: 10 })
  const watcher = await watch("sku=MUG")
  await service.heat("MUG")
  await sell("MUG", 3)
  const last = await sell("MUG", 30)
  // What Redis has granted is told once it is persisted.
  await service.engine.items()
  await watcher.until(() => watcher.latest("MUG")?.available === 7)
  if (last.outcome === "reserved") await service.engine.release(last.reservation.id)
  await watcher.until(() => watcher.latest("MUG")?.available === 37)
  expect(watcher.latest("MUG")).toMatchObject({ onHand: 40, held: 3 })
})

test("a thousand who watch one item while it sells end on what is true, and cost about as much as one", async () => {
  await service.close()
  // With the pauses between pings that are usual: all of these share one thread with the service.
  service = await startListening({ metrics })
  await stock(service.engine, "MUG", { BERLIN: 1_000_000 })
  const one = await costOf(1)
  const thousand = await costOf(1000)
  for (const { looksMax, uses, changes } of [one, thousand]) {
    // A look uses the database once, once more when anything has changed, and once to read what has.
    expect(uses).toBeLessThanOrEqual(3 * looksMax)
    expect(changes).toBeLessThanOrEqual(looksMax)
    expect(changes).toBeGreaterThanOrEqual(10)
  }
  expect(thousand.messages).toBeGreaterThanOrEqual(10 * 1000)
})

/** What so many cost while one of them is told ten changes. */
async function costOf(count: number) {
  const crowd = await Promise.all(Array.from({ length: count }, () => watch("sku=MUG")))
  await Promise.all(crowd.map((watcher) => watcher.until(({ messages }) => messages.length > 0)))
  expect(await value("connections")).toBe(count)
  const before = { changes: await value("changes_total"), messages: await value("messages_total") }
  const beganMs = performance.now()
  let uses = 0
  const onAcquire = () => {
    uses += 1
  }
  service.pool.on("acquire", onAcquire)
  const told = crowd[0]?.messages ?? []
  // Each sale uses the database once.
  for (; told.length <= 10; uses -= 1) await sell("MUG")
  const { available } = (await service.engine.availability("MUG")) ?? {}
  await Promise.all(
    crowd.map((watcher) => watcher.until(() => watcher.latest("MUG")?.available === available)),
  )
  service.pool.off("acquire", onAcquire)
  const looksMax = (performance.now() - beganMs) / LOOK_INTERVAL_MS + 2
  for (const watcher of crowd) watcher.close()
  await expect.poll(() => value("connections"), { timeout: 20_000 }).toBe(0)
  return {
    looksMax,
    uses,
    changes: (await value("changes_total")) - before.changes,
    messages: (await value("messages_total")) - before.messages,
  }
}

describe("what is wrong", () => {
  test("with a request is the answer to it, as for every other", async () => {
    const many = Array.from({ length: 101 }, (_, index) => `S${index}`).join(",")
    const wrong: [string, object][] = [
      ["", invalid("/query/sku")],
      ["?sku=", invalid("/query/sku/0")],
      ["?sku=MUG,", invalid("/query/sku/1")],
      ["?sku=%21", invalid("/query/sku/0")],
      ["?sku=%ff", invalid("/query/sku/0")],
      [`?sku=${many}`, invalid("/query/sku")],
      ["?sku=MUG&x=1", invalid("/query/x")],
      ["?sku=MUG,UNKNOWN", problem(404, "item_not_found")],
    ]
    for (const [query, expected] of wrong) {
      const url = `${service.listensOn.replace("http", "ws")}/v1/live${query}`
      expect(await TestWatcher.refused(url), query).toMatchObject(expected)
    }
    expect(await service.call("GET", "/v1/live?sku=MUG")).toMatchObject(invalid("/headers/upgrade"))
    expect(await service.call("GET", "/v1/live")).toMatchObject(invalid("/query/sku"))
    expect(await service.call("HEAD", "/v1/live?sku=MUG")).toMatchObject({ status: 404 })
    expect(await value("connections")).toBe(0)
  })

  test("with a handshake is a 400 of HTTP, and leaves nothing behind", async () => {
    for (const headers of [UPGRADE, { ...UPGRADE, "sec-websocket-key": "x" }]) {
      const wire = await service.open()
      const lines = Object.entries(headers).map(([name, text]) => `${name}: ${text}`)
      wire.socket.write(["GET /v1/live?sku=MUG HTTP/1.1", "Host: x", ...lines, "", ""].join("\r\n"))
      expect(await wire.ended).toMatch(/^HTTP\/1\.1 400 /)
    }
    await expect.poll(() => value("connections")).toBe(0)
  })

  test("other upgrades are passed over", async () => {
    for (const [path, upgrade] of [
      ["/livez", "h2c"],
      ["/livez", "websocket"],
      ["/v1/live?sku=MUG", "h2c"],
    ]) {
      const wire = await service.open()
      wire.socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: ${upgrade}\r\n\r\n`,
      )
      expect(await wire.ended).toMatch(path === "/livez" ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 400 /)
    }
  })

  test("messages end the connection, small ones with 1008", async () => {
    const polite = await watch("sku=MUG")
    polite.socket.send("hello")
    expect(await polite.closed).toMatchObject({ code: 1008 })
    const rude = await watch("sku=MUG")
    rude.socket.send("x".repeat(100_000))
    expect((await rude.closed).code).not.toBe(1000)
    await expect.poll(() => value("connections")).toBe(0)
  })
})

describe("a peer", () => {
  test("that reads nothing is owed the latest only, and is cut off when it does not answer pings", async () => {
    expect(await silentPeer()).toMatch(/^HTTP\/1\.1 101 .*\r\nX-Request-Id: \S+/s)
    expect(await value("connections")).toBe(1)
    await expect.poll(() => value("connections"), { timeout: 10_000 }).toBe(0)
    expect(await value("connections_dropped_total")).toBe(1)
  })

  test("that answers them stays", async () => {
    const watcher = await watch("sku=MUG")
    // One that comes later and does not is cut off after the next two pings.
    await silentPeer()
    await expect.poll(() => value("connections_dropped_total"), { timeout: 10_000 }).toBe(1)
    await sell("MUG")
    await watcher.until(() => watcher.latest("MUG")?.available === 5009)
    expect(await value("connections")).toBe(1)
  })
})

/** One that watches and takes nothing, not even pings; returns what it was answered. */
async function silentPeer(): Promise<string> {
  const { socket } = await service.open()
  const key = Buffer.alloc(16, 7).toString("base64")
  const lines = Object.entries({ ...UPGRADE, "sec-websocket-key": key }).map(
    ([name, text]) => `${name}: ${text}`,
  )
  socket.write(["GET /v1/live?sku=MUG HTTP/1.1", "Host: x", ...lines, "", ""].join("\r\n"))
  const answer = String(await once(socket, "data"))
  socket.pause()
  return answer
}

test("a service that stops says so, and waits for nobody", async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => watch("sku=MUG")))
  await Promise.all(all.map((one) => one.until(({ messages }) => messages.length === 1)))
  const closed = service.server.close()
  for (const one of all)
    expect(await one.closed).toEqual({ code: 1001, reason: "The service is shutting down." })
  await closed
  expect(await value("connections")).toBe(0)
})
