import type { Stats } from "node:fs"
import { readFile, realpath, stat } from "node:fs/promises"
import { dirname } from "node:path"

/** The user and group that Postgres runs as. `null` stands for "as ourselves", which is the case unless we are root. */
export interface RunAs {
  readonly uid: number
  readonly gid: number
}

/** What systems without a `postgres` user still have; the numbers are the same on every Linux. */
const NOBODY: RunAs = { uid: 65_534, gid: 65_534 }

/**
 * Postgres refuses to run as root. The owner of the first folder that somebody else than root owns is taken:
 * name the cluster before the data folder, since Postgres refuses a cluster that is not its own.
 */
export async function chooseRunAs(folders: readonly string[]): Promise<RunAs | null> {
  if (process.getuid?.() !== 0) return null
  for (const folder of folders) {
    const found = await stat(folder).catch(() => null)
    if (found !== null && found.uid !== 0) return { uid: found.uid, gid: found.gid }
  }
  return (await findPostgresUser()) ?? NOBODY
}

async function findPostgresUser(): Promise<RunAs | null> {
  const users = await readFile("/etc/passwd", "utf8").catch(() => "")
  const found = /^postgres:[^:]*:(\d+):(\d+):/m.exec(users)
  if (found?.[1] === undefined || found[2] === undefined) return null
  return { uid: Number(found[1]), gid: Number(found[2]) }
}

/** Whether `runAs` may pass through the folder and every folder above it. */
export async function canEnter(folder: string, runAs: RunAs | null): Promise<boolean> {
  if (runAs === null) return true
  let current = await realpath(folder)
  for (;;) {
    if (!isPermitted(await stat(current), runAs, 0o1)) return false
    const parent = dirname(current)
    if (parent === current) return true
    current = parent
  }
}

/** Whether `runAs` may read the folder or program and enter or run it; the folders above it are not looked at. */
export async function canReadAndEnter(path: string, runAs: RunAs | null): Promise<boolean> {
  return runAs === null || isPermitted(await stat(path), runAs, 0o5)
}

/** `wanted` are the bits of one class of users: 4 read, 1 enter. Exactly one class applies, as in the kernel. */
function isPermitted(found: Stats, runAs: RunAs, wanted: number): boolean {
  if (found.uid === runAs.uid) return ((found.mode >> 6) & wanted) === wanted
  if (found.gid === runAs.gid) return ((found.mode >> 3) & wanted) === wanted
  return (found.mode & wanted) === wanted
}
