import { execFile } from "node:child_process"
import { createServer, type Server } from "node:http"
import { type AddressInfo, createServer as createNetServer, type Socket } from "node:net"
import { promisify } from "node:util"
import { afterEach, describe, expect, inject, onTestFinished, test } from "vitest"
import { Connection, postJson } from "../../src/bench/http/connection.ts"
import { startListening } from "../../src/bench/http/listening-process.ts"
import { LoadGenerator } from "../../src/bench/http/load-generator.ts"
import { programPath } from "../../src/bench/http/program-path.ts"
import { http } from "../../src/bench/http/scenario.ts"
import { startService } from "../../src/bench/http/service.ts"
import { soak } from "../../src/bench/http/soak.ts"
import { countUnits, stockUp } from "../../src/bench/http/stock.ts"
import type { AppliedLoad } from "../../src/bench/scenario.ts"
import { openServer } from "../../src/bench/server.ts"

const run = promisify(execFile)

/** Pids of the processes that this one has started and that still run. */
async function children(): Promise<string[]> {
  const { stdout } = await run("pgrep", ["-P", String(process.pid)]).catch(() => ({ stdout: "" }))
  return stdout.split("\n").filter((pid) => pid !== "")
}

async function openTestServer() {
  const server = await openServer(inject("databaseServerUrl"))
  onTestFinished(() => server.close())
  return server
}

function startGenerator(): LoadGenerator {
  const generator = new LoadGenerator()
  onTestFinished(() => generator.close())
  return generator
}

describe("the scenario", () => {
  test.each([http, soak])(
    "$name counts every unit, and leaves no process and no schema behind",
    async (scenario) => {
      const server = await openTestServer()
      const schemas: string[] = []
      const freshSchema = () => {
        schemas.push(server.freshSchema())
        return schemas.at(-1) ?? ""
      }
      const before = await children()
      const stopping = new AbortController().signal
      const surroundings = {
        server: { ...server, freshSchema },
        size: "small",
        poolSize: 4,
        say() {},
        stopping,
      } as const
      const loads = scenario
        .loads("small")
        .map((load): AppliedLoad => (load.loop === "open" ? { ...load, perSecond: 100 } : load))
      expect(loads.map(({ loop }) => loop)).toEqual(["closed", "open"])
      for (const contender of scenario.contenders) {
        const subject = await contender.open(surroundings)
        try {
          // What is measured, and what measures it.
          expect((await children()).length, contender.name).toBe(before.length + 2)
          for (const load of loads) {
            const { answers, latencies, ...counted } = await subject.measure(load, 0.5)
            expect(counted, contender.name).toMatchObject({ oversold: 0, leaked: 0 })
            expect(latencies?.totalCount).toBe(answers)
            expect(answers).toBeGreaterThan(load.loop === "open" ? 15 : 16)
            expect(counted.figures?.["rssMiB"]).toBeGreaterThan(20)
          }
        } finally {
          await subject.close()
        }
      }
      expect(await children()).toEqual(before)
      expect(schemas.length).toBe(scenario.contenders.filter(({ role }) => role === "strategy").length)
      const left = await server.query(`select from pg_namespace where nspname in ('${schemas.join("', '")}')`)
      expect(left).toEqual([])
    },
  )

  test("tells units that were granted and are not held, or held and not granted", async () => {
    const service = await startService(await openTestServer(), "batched")
    onTestFinished(() => service.stop())
    const sku = await stockUp(service.url)
    const generator = startGenerator()
    const order = { url: service.url.href, sku, connections: 4, seconds: 0.1, perSecond: null }
    const { answers } = await generator.put(order)
    expect(await countUnits(service.url, sku, answers)).toEqual({ oversold: 0, leaked: 0 })
    expect(await countUnits(service.url, sku, answers - 1)).toEqual({ oversold: 0, leaked: 1 })
    expect(await countUnits(service.url, sku, answers + 2)).toEqual({ oversold: 0, leaked: 2 })
    expect((await countUnits(service.url, sku, 1_000_000_001)).oversold).toBe(1)

    const failure = generator.put({ ...order, sku: "NOT-THERE" })
    await expect(failure).rejects.toThrow(/a reserve was answered 404: .*item_not_found/)
    // The next order does not meet what the failed one has left.
    expect((await generator.put(order)).answers).toBeGreaterThan(0)
  })
})

describe("an open loop", () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  /** Answers at once, but for a stall in which it answers nothing. */
  async function startStalling(stall: { readonly fromMs: number; readonly ms: number }): Promise<string> {
    let firstMs: number | undefined
    const server = createServer((request, response) => {
      firstMs ??= performance.now()
      const sinceMs = performance.now() - firstMs - stall.fromMs
      const waitMs = sinceMs >= 0 && sinceMs < stall.ms ? stall.ms - sinceMs : 0
      request.resume()
      setTimeout(() => response.writeHead(201, { "Content-Length": 2 }).end("{}"), waitMs)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test("counts a stall for everybody who was due in it, not only for those whom it caught", async () => {
    const url = await startStalling({ fromMs: 300, ms: 200 })
    const order = { url, sku: "ANY", connections: 4, seconds: 1, perSecond: 500 }
    const { answers, latencies } = await startGenerator().put(order)
    expect(answers).toBeGreaterThan(450)
    // A fifth of all was due during the stall and had to wait 100 ms on average; 4 in 500 were caught by it.
    expect(latencies.getValueAtPercentile(90) / 1000).toBeGreaterThan(60)
    expect(latencies.maxValue / 1000).toBeGreaterThan(180)
    expect(latencies.getValueAtPercentile(50) / 1000).toBeLessThan(60)
  })
})

describe("a connection", () => {
  /** A connection to a server that does this with each request that it receives. */
  async function connectTo(answer: (socket: Socket) => unknown): Promise<Connection> {
    const server = createNetServer((socket) => {
      socket.on("data", () => void answer(socket)).on("error", () => {})
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void server.close())
    const connection = await Connection.open(
      new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    )
    onTestFinished(() => connection.close())
    return connection
  }
  const request = postJson(new URL("http://localhost"), "/", {})

  test("reads an answer in whatever parts it comes", async () => {
    const whole = 'HTTP/1.1 201 Created\r\nContent-Length: 8\r\nX: y\r\n\r\n{"a":"b"'
    const send = async (socket: Socket) => {
      for (const character of whole) {
        socket.write(character)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const connection = await connectTo(send)
    expect(await connection.ask(request)).toEqual({ status: 201, body: '{"a":"b"' })
    expect((await connection.ask(request)).status).toBe(201)
  })

  test.each([
    ["with no length", "HTTP/1.1 200 OK\r\n\r\n"],
    ["with more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n12"],
    ["that is no HTTP", "hello\r\nContent-Length: 0\r\n\r\n"],
  ])("refuses an answer %s", async (_what, text) => {
    const connection = await connectTo((socket) => socket.write(text))
    await expect(connection.ask(request)).rejects.toThrow("no answer that was asked for")
    await expect(connection.ask(request)).rejects.toThrow("no answer that was asked for")
  })

  test("that is closed says so to whoever waits, and to whoever comes later", async () => {
    const connection = await connectTo((socket) => socket.destroy())
    await expect(connection.ask(request)).rejects.toThrow(/closed|ECONNRESET/)
    await expect(connection.ask(request)).rejects.toThrow(/closed|ECONNRESET/)
  })
})

describe("a process that listens", () => {
  const isRunning = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  test("is gone when it was stopped", async () => {
    const { url, pid, stop } = await startListening({ path: programPath("./bare-fastify") })
    expect(isRunning(pid)).toBe(true)
    const answer = await fetch(new URL("/v1/reservations", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    })
    expect([answer.status, await answer.json()]).toEqual([201, expect.objectContaining({ state: "held" })])
    await stop()
    expect(isRunning(pid)).toBe(false)
  })

  test("that does not come to listen says why", async () => {
    const path = programPath("../../cli/main")
    const settings = { DATABASE_URL: "postgres://127.0.0.1:1/none", PORT: "0" }
    const failure = startListening({ path, words: ["serve"], settings })
    await expect(failure).rejects.toThrow(/main\.ts serve ended with exit code 1:\n.*ECONNREFUSED/s)
  })
})
