/**
 * A streaming standby of a test's own server, made by the low-level backup API: the programs at hand have no
 * `pg_basebackup`. It is reached through a proxy on a fixed port, and logs every statement that it is sent.
 */
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import pg from "pg"
import { onTestFinished } from "vitest"
import { type Binaries, findBinaries } from "../../src/postgres/private/binaries.ts"
import { giveCluster } from "../../src/postgres/private/cluster.ts"
import { type Postmaster, spawnPostmaster, stopPostmaster } from "../../src/postgres/private/postmaster.ts"
import { serverFlags } from "../../src/postgres/private/server-settings.ts"
import { chooseRunAs, type RunAs } from "../../src/postgres/private/unprivileged.ts"
import { FaultProxy } from "./fault-proxy.ts"
import type { PrivateServer } from "./private-server.ts"

/** Between two looks at a server that is on its way somewhere. */
const POLL_MS = 20
const POLLS_MAX = 1500

/** Of the primary's folder, what a backup leaves out: what belongs to the running server, and the log, which is streamed. */
const LEFT_OUT = [
  /^postmaster\.(pid|opts)$/,
  /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/./,
]

interface Place {
  readonly folder: string
  readonly binaries: Binaries
  readonly runAs: RunAs | null
  /** How it reaches the primary. */
  readonly primaryUrl: URL
  readonly settings: Readonly<Record<string, string>>
}

export class Standby {
  readonly #place: Place
  readonly proxy: FaultProxy
  #port: number
  #postmaster: Postmaster

  /** Streams from the server until the test has ended. */
  static async of(server: PrivateServer, settings: Readonly<Record<string, string>> = {}): Promise<Standby> {
    const folder = await mkdtemp(join(tmpdir(), "earmark-standby-"))
    await chmod(folder, 0o755)
    const runAs = await chooseRunAs([server.clusterFolder])
    const place = {
      folder,
      runAs,
      binaries: await findBinaries(runAs),
      primaryUrl: new URL(server.serverUrl),
      settings,
    }
    await backUp(server, join(folder, "postgres"))
    await giveCluster(join(folder, "postgres"), runAs)
    const { port, postmaster } = await start(place)
    const standby = new Standby(place, { port, postmaster, proxy: await FaultProxy.open(urlAt(place, port)) })
    onTestFinished(() => standby.#remove())
    return standby
  }

  private constructor(
    place: Place,
    started: { readonly port: number; readonly postmaster: Postmaster; readonly proxy: FaultProxy },
  ) {
    this.#place = place
    this.#port = started.port
    this.#postmaster = started.postmaster
    this.proxy = started.proxy
  }

  /** Of one of the primary's databases, through the proxy. */
  url(databaseUrl: string): string {
    return this.proxy.url(databaseUrl)
  }

  /** What the server itself is told by the test; its log marks these as the test's. */
  async query(text: string, database = "postgres"): Promise<Record<string, unknown>[]> {
    const url = new URL(urlAt(this.#place, this.#port))
    url.pathname = database
    const client = new pg.Client({ connectionString: url.href, application_name: TEST_NAME })
    client.on("error", () => {})
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }

  /** Receives and does not apply, until it is resumed. */
  async pause(): Promise<void> {
    await this.query("select pg_wal_replay_pause()")
    await this.#until("select pg_get_wal_replay_pause_state() = 'paused' as done")
  }

  async resume(): Promise<void> {
    await this.query("select pg_wal_replay_resume()")
  }

  async promote(): Promise<void> {
    await this.query("select pg_promote()")
    await this.#until("select not pg_is_in_recovery() as done")
  }

  /** Resolves once everything that the primary has written is applied here. */
  async caughtUp(primary: pg.Pool): Promise<void> {
    const { rows } = await primary.query<{ lsn: string }>("select pg_current_wal_flush_lsn()::text as lsn")
    await this.#until(`select pg_last_wal_replay_lsn() >= '${rows[0]?.lsn}'::pg_lsn as done`)
  }

  async stop(): Promise<void> {
    const { folder, binaries } = this.#place
    const { pid } = this.#postmaster
    if (pid !== undefined && !this.#postmaster.hasExited())
      await stopPostmaster(join(folder, "postgres"), pid, binaries)
  }

  async restart(): Promise<void> {
    const { port, postmaster } = await start(this.#place)
    this.#port = port
    this.#postmaster = postmaster
    this.proxy.target = urlAt(this.#place, port)
  }

  /** Everything that anybody but the test has sent it, as it logged it. */
  async statements(): Promise<string[]> {
    const log = await readFile(join(this.#place.folder, "postgres.log"), "utf8")
    return log
      .split(/^(?=<)/m)
      .filter((entry) => entry.startsWith("<earmark"))
      .flatMap((entry) => /LOG: {2}(?:statement|execute [^:]+): (.*)/s.exec(entry)?.[1]?.trim() ?? [])
  }

  async #until(question: string): Promise<void> {
    for (let polls = 0; polls < POLLS_MAX; polls += 1) {
      const [row] = await this.query(question)
      if (row?.["done"] === true) return
      await pause(POLL_MS)
    }
    throw new Error(`the standby never came to: ${question}`)
  }

  async #remove(): Promise<void> {
    await this.proxy.close()
    await this.stop()
    await rm(this.#place.folder, { recursive: true, force: true })
  }
}

const TEST_NAME = "test"

/** A copy of the running server's folder, which the standby makes consistent by the log from where the backup began. */
async function backUp(server: PrivateServer, target: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.serverUrl })
  await client.connect()
  try {
    await client.query("select pg_backup_start('standby', fast => true)")
    await cp(server.clusterFolder, target, {
      recursive: true,
      filter: (from) => !LEFT_OUT.some((pattern) => pattern.test(relative(server.clusterFolder, from))),
    })
    const { rows } = await client.query<{ labelfile: string }>(
      "select labelfile from pg_backup_stop(wait_for_archive => false)",
    )
    await writeFile(join(target, "backup_label"), rows[0]?.labelfile ?? "")
    await writeFile(join(target, "standby.signal"), "")
    await chmod(target, 0o700)
  } finally {
    await client.end()
  }
}

async function start(place: Place): Promise<{ port: number; postmaster: Postmaster }> {
  const { binaries, runAs, folder, primaryUrl } = place
  const { username, password, hostname, port: primaryPort } = primaryUrl
  const port = await freePort()
  const flags = serverFlags(port, {
    primary_conninfo: `host=${hostname} port=${primaryPort} user=${username} password=${password}`,
    log_statement: "all",
    log_line_prefix: "<%a> ",
    // Looks for the primary again soon after it was away.
    wal_retrieve_retry_interval: "100ms",
    ...place.settings,
  })
  const postmaster = await spawnPostmaster(binaries, {
    clusterFolder: join(folder, "postgres"),
    logFile: join(folder, "postgres.log"),
    flags,
    runAs,
  })
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    if (postmaster.hasExited()) break
    if (await answers(urlAt(place, port))) return { port, postmaster }
    await pause(POLL_MS)
  }
  throw new Error(`the standby does not start: ${await postmaster.quoteLog()}`)
}

function urlAt({ primaryUrl }: Place, port: number): string {
  const url = new URL(primaryUrl)
  url.port = String(port)
  return url.href
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, application_name: TEST_NAME })
  client.on("error", () => {})
  try {
    await client.connect()
    await client.query("select 1")
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await new Promise((listening) => probe.once("listening", listening))
  const address = probe.address()
  await new Promise((closed) => probe.close(closed))
  if (address === null || typeof address === "string") throw new Error("the probe has no port")
  return address.port
}
