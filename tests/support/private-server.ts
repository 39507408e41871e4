/** A Postgres of a test's own, which it may kill; its databases are reached through a proxy on a fixed port. */
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { onTestFinished } from "vitest"
import { openPool } from "../../src/postgres/connect.ts"
import { migrate } from "../../src/postgres/migrate.ts"
import { type PrivatePostgres, startPrivatePostgres } from "../../src/postgres/private/private-postgres.ts"
import { FaultProxy } from "./fault-proxy.ts"

/** Between two looks at whether the killed server is gone. */
const POLL_MS = 5
const POLLS_MAX = 2000

export class PrivateServer {
  readonly #dataDir: string
  readonly proxy: FaultProxy
  #postgres: PrivatePostgres

  /** Runs until the test has ended. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PrivateServer> {
    const dataDir = await mkdtemp(join(tmpdir(), "earmark-faults-"))
    // As root the server runs as somebody else, who must be able to reach the folder.
    await chmod(dataDir, 0o755)
    const postgres = await startPrivatePostgres({ dataDir, settings })
    const server = new PrivateServer(dataDir, postgres, await FaultProxy.open(postgres.url))
    // Also when the test fails in the middle of it.
    onTestFinished(() => server.#stop())
    return server
  }

  private constructor(dataDir: string, postgres: PrivatePostgres, proxy: FaultProxy) {
    this.#dataDir = dataDir
    this.#postgres = postgres
    this.proxy = proxy
  }

  /** Where its cluster lies. */
  get clusterFolder(): string {
    return join(this.#dataDir, "postgres")
  }

  /** Of its maintenance database, not through the proxy. */
  get serverUrl(): string {
    return this.#postgres.url
  }

  /** A new migrated database; its url goes through the proxy. */
  async createDatabase(name: string): Promise<string> {
    const server = openPool({ databaseUrl: this.#postgres.url, max: 1 })
    await server.query(`create database "${name}"`)
    await server.end()
    const url = new URL(this.#postgres.url)
    url.pathname = name
    const pool = openPool({ databaseUrl: url.href, max: 1 })
    await migrate(pool, { schema: "earmark" })
    await pool.end()
    return this.proxy.url(url.href)
  }

  /** kill -9 of the postmaster: nothing is written any more, nothing is said to anybody. */
  async kill(): Promise<void> {
    const pid = Number((await readFile(join(this.clusterFolder, "postmaster.pid"), "utf8")).split("\n")[0])
    process.kill(pid, "SIGKILL")
    for (let polls = 0; polls < POLLS_MAX && isAlive(pid); polls += 1) await pause(POLL_MS)
    await this.#postgres.stop()
  }

  async restart(): Promise<void> {
    this.#postgres = await startPrivatePostgres({ dataDir: this.#dataDir })
    this.proxy.target = this.#postgres.url
  }

  async #stop(): Promise<void> {
    await this.proxy.close()
    await this.#postgres.stop()
    await rm(this.#dataDir, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
