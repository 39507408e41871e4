/** In a browser: the client brings all that it needs, and uses nothing that only Node has. */
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { runInNewContext } from "node:vm"
import { gzipSync } from "node:zlib"
import { build, type Rolldown } from "vite"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import type { createClient } from "../../src/client/index.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { stock } from "../support/engine.ts"

const execute = promisify(execFile)
const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const ENTRY = fileURLToPath(new URL("../../src/client/index.ts", import.meta.url))
const FOLDER = fileURLToPath(new URL("../../src/client/", import.meta.url))
/** Beside a page's own script and framework hardly anything. */
const COMPRESSED_BYTES_MAX = 10_000

/** What every browser has of what the client may use; the language comes with the context. */
const BROWSER = {
  fetch,
  Headers,
  URL,
  URLSearchParams,
  AbortController,
  AbortSignal,
  TextEncoder,
  TextDecoder,
  WebSocket,
  crypto,
  performance,
  setTimeout,
  clearTimeout,
}

let chunk: Rolldown.OutputChunk
let service: ListeningService
beforeAll(async () => {
  const built = (await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: true, lib: { entry: ENTRY, formats: ["iife"], name: "earmark" } },
  })) as Rolldown.RolldownOutput[]
  chunk = built[0]?.output[0] as Rolldown.OutputChunk
  service = await startListening()
  await stock(service.engine, "MUG", { BERLIN: 10 })
})
afterAll(() => service.close())

test("it is made of its own folder alone", () => {
  expect(Object.keys(chunk.modules).length).toBeGreaterThan(10)
  expect(Object.keys(chunk.modules).filter((id) => !id.startsWith(FOLDER))).toEqual([])
  expect([...chunk.imports, ...chunk.dynamicImports]).toEqual([])
  expect(chunk.code).not.toMatch(/node:|\brequire\(|\bprocess\b|\bBuffer\b/)
})

test("it is small", () => {
  expect(gzipSync(chunk.code).length).toBeLessThan(COMPRESSED_BYTES_MAX)
})

test("it compiles where the types of Node are not known", async () => {
  const folder = await mkdtemp(join(tmpdir(), "earmark-client-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const configuration = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { lib: ["es2024", "dom"], types: [] },
    include: [],
    files: [ENTRY],
  }
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(configuration))
  const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"))
  const { stdout } = await execute(process.execPath, [compiler, "-p", folder]).catch((error) => error)
  expect(stdout).toBe("")
})

test("it reserves, follows events and watches stock with what a browser has", async () => {
  const { createClient: create } = runInNewContext(`${chunk.code};earmark`, { ...BROWSER }) as {
    createClient: typeof createClient
  }
  const client = create({ baseUrl: service.listensOn })
  const { nextCursor } = await client.events.page()
  const { id } = await client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  for await (const { event } of client.events.stream({ after: nextCursor })) {
    expect(event).toMatchObject({ type: "reservation.held", subject: id })
    break
  }
  for await (const { available } of client.stock.follow(["MUG"])) {
    expect(available).toBe(9)
    break
  }
})
