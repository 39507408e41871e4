/** A Redis of the benchmark's own, with an append-only file, in a temporary folder and on a free port of 127.0.0.1. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { createClient } from "redis"
import { StartError } from "../../index.ts"

export interface BenchRedis {
  readonly url: string
  /** Bytes of its memory in use. */
  usedBytes(): Promise<number>
  stop(): Promise<void>
}

const PROGRAMS = ["redis-server", "valkey-server"]
const START_MS_MAX = 10_000
const LOOK_AGAIN_MS = 20

export async function startRedis(): Promise<BenchRedis> {
  const dir = await mkdtemp(join(tmpdir(), "earmark-bench-redis-"))
  const port = await freePort()
  const settings = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    dir,
    "--appendonly",
    "yes",
    "--save",
    "",
  ]
  const url = `redis://127.0.0.1:${port}`
  for (const program of PROGRAMS) {
    const child = spawn(program, settings, { stdio: "ignore" })
    const ended = once(child, "exit").catch(() => {})
    const failed = once(child, "error").then(() => true)
    if (await Promise.race([failed, untilAnswers(url).then(() => false)])) continue
    const kill = () => child.kill("SIGKILL")
    process.once("exit", kill)
    return {
      url,
      usedBytes: () => usedBytes(url),
      async stop() {
        kill()
        await ended
        process.off("exit", kill)
        await rm(dir, { recursive: true, force: true })
      },
    }
  }
  throw new StartError(`the scenario redis needs ${PROGRAMS.join(" or ")} in the PATH`)
}

async function untilAnswers(url: string): Promise<void> {
  for (const startedMs = performance.now(); performance.now() - startedMs < START_MS_MAX; ) {
    if (await command(url, "PING").catch(() => null)) return
    await pause(LOOK_AGAIN_MS)
  }
  throw new StartError("Redis does not start")
}

async function usedBytes(url: string): Promise<number> {
  const info = String(await command(url, "INFO", "memory"))
  return Number(/used_memory:(\d+)/.exec(info)?.[1])
}

async function command(url: string, ...words: string[]): Promise<unknown> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } })
  client.on("error", () => {})
  try {
    await client.connect()
    return await client.sendCommand(words)
  } finally {
    client.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  if (address === null || typeof address === "string") throw new StartError("there is no free port")
  return address.port
}
