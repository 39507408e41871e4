/** Real Redis servers of a test's own, on free ports of 127.0.0.1 and in temporary folders. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { copyFile, mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { createClient } from "redis"

const PROGRAMS = ["redis-server", "valkey-server"]
const START_MS_MAX = 20_000
const POLL_MS = 20

export type RedisSettings = Readonly<Record<string, string>>

/** With an append-only file, as the service wants it. */
export const PERSISTENT: RedisSettings = { appendonly: "yes", appendfsync: "everysec", save: "" }
/** What a crash takes with it. */
export const SNAPSHOTS_ONLY: RedisSettings = { appendonly: "no", save: "3600 1" }

export class TestRedis {
  readonly port: number
  readonly dir: string
  readonly #settings: RedisSettings
  #child: ChildProcess | undefined

  /** Runs until it is stopped. */
  static async start(settings: RedisSettings = PERSISTENT): Promise<TestRedis> {
    const dir = await mkdtemp(join(tmpdir(), "earmark-redis-"))
    const redis = new TestRedis(await freePort(), dir, settings)
    await redis.restart()
    return redis
  }

  private constructor(port: number, dir: string, settings: RedisSettings) {
    this.port = port
    this.dir = dir
    this.#settings = settings
  }

  get url(): string {
    const password = this.#settings["requirepass"]
    return `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${this.port}`
  }

  /** Starts it over what lies in its folder, and waits until it answers. */
  async restart(): Promise<void> {
    const settings = { port: String(this.port), bind: "127.0.0.1", dir: this.dir, ...this.#settings }
    const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, ...wordsOf(value)])
    const child = spawn(programPath(), words, { stdio: "ignore" })
    this.#child = child
    const deadlineMs = performance.now() + START_MS_MAX
    for (;;) {
      const answer = await this.command("PING").catch(() => null)
      if (answer === "PONG") return
      if (child.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error(`redis-server does not start on port ${this.port} (exit code ${child.exitCode})`)
      }
      await pause(POLL_MS)
    }
  }

  /** kill -9 */
  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM")
  }

  freeze(): void {
    this.#child?.kill("SIGSTOP")
  }

  thaw(): void {
    this.#child?.kill("SIGCONT")
  }

  async remove(): Promise<void> {
    this.thaw()
    await this.#end("SIGKILL")
    await rm(this.dir, { recursive: true, force: true })
  }

  /** Keeps a copy of the last snapshot, to be put back later. */
  async saveCopy(): Promise<string> {
    await this.command("SAVE")
    const copy = join(this.dir, "copy.rdb")
    await copyFile(join(this.dir, "dump.rdb"), copy)
    return copy
  }

  /** One command over a connection of its own. */
  async command(...words: string[]): Promise<unknown> {
    const client = createClient({
      url: this.url,
      RESP: 2,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false },
    })
    client.on("error", () => {})
    await client.connect()
    try {
      return await client.sendCommand(words)
    } finally {
      client.destroy()
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    child.kill(signal)
    await ended
  }
}

/** A setting with several values is given in several words; an empty one is a word too. */
function wordsOf(value: string): string[] {
  return value === "" ? [""] : value.split(" ")
}

let found: string | undefined

function programPath(): string {
  found ??= PROGRAMS.find((program) => {
    try {
      execFileSync(program, ["--version"], { stdio: "ignore" })
      return true
    } catch {
      return false
    }
  })
  if (found === undefined) throw new Error("neither redis-server nor valkey-server is in the PATH")
  return found
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("there is no free port")
  return address.port
}
