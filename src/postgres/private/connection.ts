import { realpath } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "pg"
import { StartError } from "../../core/errors.ts"
import type { Cluster } from "./cluster.ts"
import { codeOf } from "./folders.ts"
import { SUPERUSER } from "./initdb.ts"
import type { Postmaster } from "./postmaster.ts"
import { isServerOf, type PostmasterFile, readPostmasterFile } from "./postmaster-file.ts"

/** A local server that accepts the connection answers within milliseconds; something else on its port may never. */
const CONNECT_MS_MAX = 3_000

/** Replaying 2 GB of WAL, which `max_wal_size` allows, takes a minute or so on a slow disk. */
const RECOVERY_MS_MAX = 300_000

/** How long a server may exist that says it is starting or stopping and does not listen. */
const SILENT_MS_MAX = 5_000
const POLL_MS = 10
/** Each refused attempt is a line in the server's log. */
const REFUSED_POLL_MS = 100

/** A server of the cluster, with an open connection to its database `postgres`. */
export interface Server {
  readonly client: Client
  readonly pid: number
  readonly port: number
}

export function urlOf(cluster: Cluster, port: number): string {
  return `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${SUPERUSER}`
}

/** Connects to the port and makes sure that the server there is that of the cluster; throws otherwise. */
export async function connect(cluster: Cluster, port: number, database: string): Promise<Client> {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: SUPERUSER,
    password: cluster.password,
    database,
    ssl: false,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    application_name: "earmark private postgres",
  })
  // A lost connection is an event, and one that nobody listens to would end the process.
  client.on("error", () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>("show data_directory")
    const served = await realpath(rows[0]?.data_directory ?? "")
    if (served !== (await realpath(cluster.folder))) throw new Error(`Port ${port} serves ${served}`)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/**
 * The server that runs in the cluster, once it answers: waits while one starts, recovers or stops, and while
 * `starting`, a server of ours, has not exited. Null when none runs, or nothing answers in its name.
 */
export async function awaitServer(cluster: Cluster, starting: Postmaster | null): Promise<Server | null> {
  const begun = performance.now()
  for (;;) {
    const file = await readPostmasterFile(cluster.folder)
    const running = file !== null && (await isServerOf(cluster.folder, file.pid)) ? file : null
    const waitedMs = performance.now() - begun
    const found = running === null ? null : await attempt(cluster, running, starting)
    if (found !== null && found !== "refused" && found !== "silent") return found
    const ours = starting !== null && !starting.hasExited()
    const between = running !== null && running.status !== "ready" && waitedMs < SILENT_MS_MAX
    if (!ours && found !== "refused" && !between) return null
    if (waitedMs > RECOVERY_MS_MAX) {
      throw new StartError(
        `The private Postgres in ${cluster.folder} (pid ${file?.pid}) has not become ready within ` +
          `${RECOVERY_MS_MAX / 1000} s: see its log, wait until it has recovered, and start again.`,
      )
    }
    await sleep(found === "refused" ? REFUSED_POLL_MS : POLL_MS)
  }
}

async function attempt(
  cluster: Cluster,
  running: PostmasterFile,
  starting: Postmaster | null,
): Promise<Server | "refused" | "silent"> {
  // What our own server says of itself can be trusted; another's file may be left over, and its pid another process.
  if (running.pid === starting?.pid && running.status !== "ready") return "silent"
  try {
    const client = await connect(cluster, running.port, "postgres")
    return { client, pid: running.pid, port: running.port }
  } catch (error) {
    return isRefusal(error) ? "refused" : "silent"
  }
}

/** Answers of a Postgres that starts, recovers or stops, or has too many clients: it may be ours, and may answer soon. */
function isRefusal(error: unknown): boolean {
  return ["57P01", "57P02", "57P03", "53300", "ECONNRESET"].includes(codeOf(error))
}
