import { Agent, request } from "node:http"
import { afterEach, describe, expect, test } from "vitest"
import type { Engine } from "../../src/index.ts"
import { createLogger } from "../../src/telemetry/log.ts"
import { stock } from "../support/engine.ts"
import {
  JSON_BODY,
  LIVEZ_REQUEST,
  type ListeningService,
  reserveRequest,
  startListening,
} from "./raw-connection.ts"

let service: ListeningService
afterEach(() => service.close())

/** An engine that reserves only when it is let. */
function held() {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const calls = { count: 0 }
  const wrap = (engine: Engine): Engine => ({
    ...engine,
    async reserve(request) {
      calls.count += 1
      reached.resolve()
      await gate.promise
      return engine.reserve(request)
    },
  })
  return { wrap, letGo: gate.resolve, reached: reached.promise, calls }
}

async function msOf(done: Promise<unknown>): Promise<number> {
  const beganMs = performance.now()
  await done
  return performance.now() - beganMs
}

describe("close", () => {
  test("answers what was accepted, refuses what comes later, and leaves no connection", async () => {
    const { wrap, letGo, reached } = held()
    service = await startListening({ wrap })
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const idle = await service.open()
    idle.socket.write(LIVEZ_REQUEST)
    await idle.until('{"status":"ok"}')
    const busy = await service.open()
    busy.socket.write(reserveRequest())
    await reached

    const closed = service.server.close()
    await idle.ended
    // On the connection that is still open, behind the request that was accepted.
    busy.socket.write(reserveRequest())
    letGo()
    const answers = await busy.ended
    await closed

    const [, first = "", second = ""] = answers
      .split(/(?=HTTP\/1\.1 )/)
      .flatMap((text, index) => (index === 0 ? ["", text] : [text]))
    expect(first).toMatch(/^HTTP\/1\.1 201 /)
    expect(second).toMatch(/^HTTP\/1\.1 503 /)
    expect(second.toLowerCase()).toContain("outcome: not-applied")
    expect(second.toLowerCase()).toContain("retry-after: 1")
    expect(second.toLowerCase()).toContain("connection: close")
    expect(second).toContain('"code":"unavailable"')
    expect((await service.engine.item("MUG"))?.held).toBe(1)
  })

  test("says so on /readyz, to whoever still has a connection", async () => {
    const { wrap, letGo, reached } = held()
    service = await startListening({ wrap })
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const busy = await service.open()
    busy.socket.write(reserveRequest())
    await reached
    const closed = service.server.close()
    busy.socket.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
    letGo()
    expect(await busy.ended).toMatch(/ 201 .* 503 .*Not ready: the service is shutting down\./s)
    await closed
  })

  test("does not wait for a keep-alive connection whose request was answered meanwhile", async () => {
    const { wrap, letGo, reached } = held()
    service = await startListening({ wrap })
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const busy = await service.open()
    busy.socket.write(reserveRequest())
    await reached
    const closed = service.server.close()
    const beganMs = performance.now()
    letGo()
    expect(await busy.ended).toMatch(/^HTTP\/1\.1 201 /)
    await closed
    expect(performance.now() - beganMs).toBeLessThan(5000)
  })

  test("is not held up by a connection that says nothing, nor by half a request", async () => {
    service = await startListening()
    const silent = await service.open()
    const halfHead = await service.open()
    halfHead.socket.write("POST /v1/reservations HTTP/1.1\r\nHost: x\r\n")
    const halfBody = await service.open()
    halfBody.socket.write(`${reserveRequest().slice(0, -JSON_BODY.length)}{`)
    const answered = await service.open()
    answered.socket.write(`${LIVEZ_REQUEST}${reserveRequest().slice(0, -5)}`)
    await answered.until('{"status":"ok"}')
    expect(await msOf(service.server.close())).toBeLessThan(3000)
    await Promise.all([silent.ended, halfHead.ended, halfBody.ended, answered.ended])
  })

  test("is not held up by half a request behind one that is answered later", async () => {
    const { wrap, letGo, reached } = held()
    service = await startListening({ wrap })
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const busy = await service.open()
    busy.socket.write(`${reserveRequest()}${reserveRequest().slice(0, -5)}`)
    const silent = await service.open()
    await reached
    const closed = service.server.close()
    await silent.ended
    letGo()
    expect(await busy.ended).toMatch(/^HTTP\/1\.1 201 /)
    expect(await msOf(closed)).toBeLessThan(1000)
  })

  test("is forced on a request that takes longer than any should", async () => {
    const { wrap, letGo, reached } = held()
    service = await startListening({ wrap })
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const stuck = await service.open()
    stuck.socket.write(reserveRequest())
    await reached
    expect(await msOf(service.server.close())).toBeLessThan(17_000)
    expect(await stuck.ended).toBe("")
    letGo()
  })

  test("says on the last answer of each connection that it closes", async () => {
    const { wrap, letGo, calls } = held()
    service = await startListening({ wrap })
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const busy = await service.open()
    busy.socket.write(`${reserveRequest()}${reserveRequest()}`)
    await expect.poll(() => calls.count).toBe(2)
    const closed = service.server.close()
    letGo()
    const answers = (await busy.ended).split(/(?=HTTP\/1\.1 )/)
    expect(answers.map((text) => [text.slice(9, 12), /connection: close/i.test(text)])).toEqual([
      ["201", false],
      ["201", true],
    ])
    await closed
  })

  test("resets nobody under load, and logs no error of it", async () => {
    const lines: string[] = []
    const logger = createLogger("info", { write: (line: string) => void lines.push(line) })
    service = await startListening({ logger })
    await stock(service.engine, "MUG", { BERLIN: 1_000_000 })
    const ends = Array.from({ length: 20 }, () => callUntilClosed(service.listensOn))
    const idle = Array.from({ length: 5 }, async () => {
      const wire = await service.open()
      wire.socket.write(LIVEZ_REQUEST)
      await wire.until('{"status":"ok"}')
      return wire
    })
    const wires = await Promise.all(idle)
    // Until each caller has asked more than once.
    await expect.poll(async () => (await service.engine.item("MUG"))?.held).toBeGreaterThan(2 * ends.length)
    await service.server.close()
    const all = await Promise.all(ends)
    expect(all.flatMap(({ odd }) => odd)).toEqual([])
    expect(all.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThan(2 * ends.length)
    for (const wire of wires) expect(await wire.ended).toMatch(/\{"status":"ok"\}$/)
    expect(lines).toEqual([])
  })

  test("answers what comes on an idle connection with a 503 that changed nothing", async () => {
    service = await startListening()
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const idle = await service.open()
    idle.socket.write(LIVEZ_REQUEST)
    await idle.until('{"status":"ok"}')
    const closed = service.server.close()
    idle.socket.write(reserveRequest().slice(0, -JSON_BODY.length))
    // The body comes later, as it does from most clients: closing before it is read would reset the connection.
    setTimeout(() => idle.socket.write(JSON_BODY), 50)
    expect(await idle.ended).toMatch(/ 200 .* 503 .*outcome: not-applied.*"The service is shutting down\."/is)
    await closed
    expect((await service.engine.item("MUG"))?.held).toBe(0)
  })
})

describe("a client that closes its half after the request", () => {
  test("gets the answer, and the connection is closed", async () => {
    const { wrap, letGo, reached } = held()
    service = await startListening({ wrap })
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const wire = await service.open({ allowHalfOpen: true })
    wire.socket.end(reserveRequest())
    await reached
    letGo()
    await wire.until('"state":"held"')
    await wire.ended
    const silent = await service.open({ allowHalfOpen: true })
    silent.socket.end()
    expect(await silent.ended).toBe("")
    expect(await msOf(service.server.close())).toBeLessThan(500)
  })

  test("in the middle of it gets a 400, and nothing was carried out", async () => {
    service = await startListening()
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const wire = await service.open({ allowHalfOpen: true })
    wire.socket.end(reserveRequest().slice(0, -5))
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 400 /)
    expect((await service.engine.item("MUG"))?.held).toBe(0)
  })
})

/** Sends one request after another over one connection, until the service says that it closes it. */
async function callUntilClosed(url: string): Promise<{ answered: number; odd: string[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const odd: string[] = []
  for (let answered = 0; ; answered += 1) {
    const { status, closes } = await callOnce(`${url}/v1/reservations`, agent)
    // What began before was answered; what is tried anew finds nobody, and knows that nothing was done.
    if (status === "ECONNREFUSED") return { answered, odd }
    if (!["201", "503"].includes(status)) odd.push(status)
    if (closes) agent.destroy()
    if (odd.length > 0) return { answered, odd }
  }
}

function callOnce(url: string, agent: Agent): Promise<{ status: string; closes: boolean }> {
  return new Promise((resolve) => {
    const headers = { "content-type": "application/json", "content-length": JSON_BODY.length }
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume().once("end", () => {
        resolve({ status: `${response.statusCode}`, closes: response.headers.connection === "close" })
      })
    })
    sent.on("error", (error: NodeJS.ErrnoException) => resolve({ status: `${error.code}`, closes: true }))
    sent.end(JSON_BODY)
  })
}
