import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { createReadiness } from "../../src/cli/readiness.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"

const NEVER = new AbortController().signal

/** Takes connections and never says a word. */
async function silentServer() {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return { url: `postgres://u:p@127.0.0.1:${port}/d`, connections: () => sockets.length }
}

test("a database that says nothing is reported in time, by one question however often it is asked", async () => {
  const silent = await silentServer()
  const pool = openTestPool(silent.url, 5)
  const readiness = createReadiness({ pool, schema: "earmark", stopping: NEVER })
  const startedMs = performance.now()
  const answers = await Promise.all(Array.from({ length: 20 }, () => readiness()))
  expect(performance.now() - startedMs).toBeLessThan(2500)
  const reasons = ["the database does not answer: nothing came within 1000 ms"]
  expect(answers).toEqual(Array(20).fill({ ready: false, reasons }))
  expect(silent.connections()).toBe(1)
  await pool.end()
})

test("ready while the database is there, and not when it has gone or the process is to stop", async () => {
  const database = await createTestDatabase()
  const pool = openTestPool(database.url, 1)
  const stopping = new AbortController()
  const readiness = createReadiness({ pool, schema: "earmark", stopping: stopping.signal })
  expect(await readiness()).toEqual({ ready: true, reasons: [] })
  await database.drop()
  expect(await readiness()).toEqual({
    ready: false,
    reasons: [expect.stringMatching(/^the database does not answer: /)],
  })
  stopping.abort()
  expect(await readiness()).toEqual({ ready: false, reasons: ["stopping"] })
  await pool.end()
})
