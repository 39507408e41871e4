import { resolve } from "node:path"
import { StartError } from "../../core/errors.ts"
import { findBinaries } from "./binaries.ts"
import { chooseClusterFolder, findClusterFolder, giveCluster, openCluster, readCluster } from "./cluster.ts"
import { awaitServer, type Server, urlOf } from "./connection.ts"
import { codeOf, makeParentFolder } from "./folders.ts"
import { makeCluster, SUPERUSER } from "./initdb.ts"
import { type Start, startServer } from "./start-server.ts"
import { supervise } from "./supervise.ts"
import { chooseRunAs } from "./unprivileged.ts"

/** A Postgres server of our own, in a folder, for one process at a time. */
export interface PrivatePostgres {
  readonly url: string
  readonly version: string
  /** True when a server was taken over that a killed process had left running; it runs with that process's settings. */
  readonly adopted: boolean
  /** Stops the server and leaves the data. Close pools before: every open connection is cut. */
  stop(): Promise<void>
  /** Tells the server to stop, and returns at once: for a process that is about to end and cannot wait. */
  stopNow(): void
}

export interface PrivatePostgresOptions {
  /** The cluster lies in `<dataDir>/postgres`, the server's log in `<dataDir>/postgres.log`. */
  readonly dataDir: string
  /** Server settings that go over ours, by their Postgres names. */
  readonly settings?: Readonly<Record<string, string>>
  /** Told in a few words what takes time. */
  readonly log?: (message: string) => void
}

/** What the file system answers when the data folder is no good place. */
const FOLDER_ERRORS = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOSPC", "EDQUOT", "ENAMETOOLONG"]

/**
 * Starts the private Postgres of the folder, and makes its cluster at the first start. Throws `StartError` when a
 * person must mend something, such as when another running Earmark uses the folder.
 */
export async function startPrivatePostgres(options: PrivatePostgresOptions): Promise<PrivatePostgres> {
  const dataDir = resolve(options.dataDir)
  try {
    const start = await prepareStart(dataDir, options)
    const { server, adopted } = await startServer(start)
    return await useServer(start, server, adopted)
  } catch (error) {
    if (!isFolderError(error)) throw error
    throw new StartError(
      `The data folder ${dataDir} cannot be used (${error.message}): ` +
        "make it a folder that you can write to, or set EARMARK_DATA_DIR to another one.",
      { cause: error },
    )
  }
}

function isFolderError(error: unknown): error is Error {
  // Where the folder above is there, "no such file" says that the file system makes no folders: /proc is one of those.
  const makesNone = codeOf(error) === "ENOENT" && (error as NodeJS.ErrnoException).syscall === "mkdir"
  return makesNone || FOLDER_ERRORS.includes(codeOf(error))
}

/** The url of a private Postgres already running in that folder, or null: for a command in a second terminal. */
export async function findPrivatePostgres(dataDir: string): Promise<string | null> {
  const cluster = await readCluster(await findClusterFolder(resolve(dataDir)))
  const server = cluster === null ? null : await awaitServer(cluster, null)
  if (cluster === null || server === null) return null
  const found = await hasDatabase(server).finally(() => server.client.end())
  return found ? urlOf(cluster, server.port) : null
}

async function prepareStart(dataDir: string, options: PrivatePostgresOptions): Promise<Start> {
  const log = options.log ?? (() => {})
  await makeParentFolder(dataDir)
  const runAs = await chooseRunAs([await findClusterFolder(dataDir), dataDir])
  const binaries = await findBinaries(runAs)
  const folder = await chooseClusterFolder(dataDir, runAs, log)
  let cluster = await openCluster(folder, binaries)
  if (cluster === null) {
    log("making a new database cluster")
    await makeCluster(folder, binaries, runAs)
    cluster = await openCluster(folder, binaries)
    if (cluster === null) throw new StartError(`${folder} vanished while it was made: start again.`)
  }
  await giveCluster(folder, runAs)
  return { dataDir, cluster, binaries, runAs, settings: options.settings ?? {}, log }
}

async function useServer(start: Start, server: Server, adopted: boolean): Promise<PrivatePostgres> {
  const { cluster } = start
  const supervision = supervise(start, server)
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= supervision.stop()
    return stopped
  }
  try {
    if (!(await hasDatabase(server))) await server.client.query(`create database ${SUPERUSER}`)
    const { rows } = await server.client.query<{ server_version: string }>("show server_version")
    return {
      url: urlOf(cluster, server.port),
      version: rows[0]?.server_version ?? "",
      adopted,
      stop,
      stopNow: supervision.stopNow,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The first start may have died between making the cluster and making the database. */
async function hasDatabase(server: Server): Promise<boolean> {
  const sql = "select from pg_database where datname = $1"
  return (await server.client.query(sql, [SUPERUSER])).rowCount === 1
}
