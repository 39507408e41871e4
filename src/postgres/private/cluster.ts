import { chown, link, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { StartError } from "../../core/errors.ts"
import type { Binaries } from "./binaries.ts"
import { codeOf, exists, randomId, SHARED_FOLDER, unfinishedName } from "./folders.ts"
import { canEnter, type RunAs } from "./unprivileged.ts"

/** What Postgres calls its data directory. The superuser's password lies inside, so that the two cannot part. */
export interface Cluster {
  readonly folder: string
  readonly password: string
}

/** Postgres leaves files in its data directory alone that it does not know. */
export const PASSWORD_FILE = "earmark-password"

/** The folder of the cluster: in the data folder, or where the file `postgres-location` in it says. */
export async function findClusterFolder(dataDir: string): Promise<string> {
  const remembered = await readFile(join(dataDir, "postgres-location"), "utf8").catch(absent)
  return remembered === null ? join(dataDir, "postgres") : remembered.trim()
}

/** The cluster of the data folder, or null when there is none yet. */
export async function readCluster(folder: string): Promise<Cluster | null> {
  const password = await readFile(join(folder, PASSWORD_FILE), "utf8").catch(absent)
  return password === null ? null : { folder, password: password.trim() }
}

/** As `findClusterFolder`, but settles for a place outside the data folder when `runAs` cannot reach that. */
export async function chooseClusterFolder(
  dataDir: string,
  runAs: RunAs | null,
  log: (message: string) => void,
): Promise<string> {
  const folder = await findClusterFolder(dataDir)
  if (folder !== join(dataDir, "postgres") || (await canEnter(dataDir, runAs))) return folder
  if (await exists(folder)) {
    throw new StartError(
      `Postgres does not run as root, and user ${runAs?.uid}, which it would run as, cannot reach ${folder}: ` +
        `open the folders above it with "chmod o+x", or set EARMARK_DATA_DIR to another folder.`,
    )
  }
  await rememberLocation(dataDir, join(SHARED_FOLDER, `data-${randomId()}`))
  const elsewhere = await findClusterFolder(dataDir)
  log(
    `keeping the database in ${elsewhere}: user ${runAs?.uid}, which runs Postgres, cannot reach ${dataDir}`,
  )
  return elsewhere
}

/** A link cannot replace a file: of two processes that choose at once, the first one's choice stands for both. */
async function rememberLocation(dataDir: string, folder: string): Promise<void> {
  const file = join(dataDir, "postgres-location")
  const unfinished = unfinishedName(file)
  await writeFile(unfinished, `${folder}\n`, { flush: true })
  try {
    await link(unfinished, file)
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error
  } finally {
    await rm(unfinished, { force: true })
  }
}

/** Refuses what this Postgres cannot open. Null: the folder is absent or empty, and a cluster may be made there. */
export async function openCluster(folder: string, binaries: Binaries): Promise<Cluster | null> {
  const version = (await readFile(join(folder, "PG_VERSION"), "utf8").catch(absent))?.trim()
  if (version === undefined) {
    const entries = await readdir(folder).catch(absent)
    if (entries === null || entries.length === 0) return null
    throw new StartError(
      `${folder} is not a database cluster: move it away, or set EARMARK_DATA_DIR to another folder.`,
    )
  }
  if (version !== binaries.majorVersion) {
    throw new StartError(
      `${folder} was made by Postgres ${version}, and the private Postgres is ${binaries.majorVersion}: move the ` +
        `folder away, set EARMARK_DATA_DIR to another one, or set DATABASE_URL to a Postgres ${version} that serves it.`,
    )
  }
  const cluster = await readCluster(folder)
  if (cluster !== null) return cluster
  throw new StartError(
    `${folder} was not made by Earmark (${PASSWORD_FILE} is missing): set EARMARK_DATA_DIR to another folder.`,
  )
}

/** A cluster that root copied belongs to root, and Postgres refuses one that is not its own. */
export async function giveCluster(folder: string, runAs: RunAs | null): Promise<void> {
  if (runAs === null || (await stat(folder)).uid === runAs.uid) return
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), runAs.uid, runAs.gid)
  }
  await chown(folder, runAs.uid, runAs.gid)
}

/** For `catch`: null when the file or folder is not there; anything else is a fault. */
function absent(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null
  throw error
}
