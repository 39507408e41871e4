import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { StartError } from "../../core/errors.ts"
import type { Binaries } from "./binaries.ts"
import type { Cluster } from "./cluster.ts"
import { awaitServer, type Server } from "./connection.ts"
import { takeOwnership } from "./ownership.ts"
import { type Postmaster, spawnPostmaster } from "./postmaster.ts"
import { isServerOf, readPostmasterFile, removeStalePostmasterFile } from "./postmaster-file.ts"
import { serverFlags } from "./server-settings.ts"
import type { RunAs } from "./unprivileged.ts"

/** What the steps of one start share. */
export interface Start {
  readonly dataDir: string
  readonly cluster: Cluster
  readonly binaries: Binaries
  readonly runAs: RunAs | null
  readonly settings: Readonly<Record<string, string>>
  readonly log: (message: string) => void
  /** Where the server listened before, when clients know it already; else any free port. */
  readonly port?: number
}

/**
 * A start fails for a moment when another process took the port or starts the same cluster, or when the backends of
 * a killed server finish what they were busy with. The pauses double: 3 s in all.
 */
const START_ATTEMPTS_MAX = 7
const START_PAUSE_MS = 50

/** A server of the cluster that this process owns: one that was left running, or a new one. */
export async function startServer(start: Start): Promise<{ server: Server; adopted: boolean }> {
  let said = ""
  const sayOnce = onceEach(start.log)
  for (let attempt = 0; attempt < START_ATTEMPTS_MAX; attempt += 1) {
    if (attempt > 0) await sleep(START_PAUSE_MS * 2 ** (attempt - 1))
    const left = await awaitServer(start.cluster, null)
    if (left !== null) {
      if (!(await own(start, left))) continue
      sayOnce("taking over the server that a killed process left running")
      return { server: left, adopted: true }
    }
    const postmaster = await spawnServer({ ...start, log: sayOnce })
    const server = await awaitServer(start.cluster, postmaster)
    if (server === null) said = await postmaster.quoteLog()
    else if (await own(start, server)) return { server, adopted: server.pid !== postmaster.pid }
  }
  throw new StartError(
    `The private Postgres in ${start.cluster.folder} does not start; mend what its log ` +
      `(${join(start.dataDir, "postgres.log")}) says, or set DATABASE_URL to a Postgres of yours:\n${said}`,
  )
}

/** Attempts are ours: whoever started it is told what happens, not how often it was tried. */
function onceEach(log: (message: string) => void): (message: string) => void {
  const said = new Set<string>()
  return (message) => {
    if (said.has(message)) return
    said.add(message)
    log(message)
  }
}

async function spawnServer(start: Start): Promise<Postmaster> {
  const { folder } = start.cluster
  const left = await readPostmasterFile(folder)
  // A server that was shut down removes its file.
  const crashed = left !== null && !(await isServerOf(folder, left.pid))
  start.log(crashed ? "recovering the database after a crash" : "starting Postgres")
  await removeStalePostmasterFile(folder)
  return spawnPostmaster(start.binaries, {
    clusterFolder: folder,
    logFile: join(start.dataDir, "postgres.log"),
    flags: serverFlags(start.port ?? (await findFreePort()), start.settings),
    runAs: start.runAs,
  })
}

/** False when the server went away meanwhile. */
async function own(start: Start, server: Server): Promise<boolean> {
  const result = await takeOwnership(server.client)
  if (result === "taken") return true
  await server.client.end().catch(() => {})
  if (result === "lost") return false
  throw new StartError(
    `The data folder ${start.dataDir} is in use by another running Earmark (its Postgres has pid ${server.pid}): ` +
      "stop that one, or set EARMARK_DATA_DIR to another folder.",
  )
}

/** Free now; should somebody else take it before Postgres does, the start is tried again with another. */
async function findFreePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done, failed) => {
    probe.once("error", failed)
    probe.listen(0, "127.0.0.1", done)
  })
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === "string")
    throw new Error("The probe for a free port has no port")
  return address.port
}
