import { randomBytes } from "node:crypto"
import { chmod, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** Where root keeps what an unprivileged user must reach and cannot reach in the clone, such as one below /root. */
export const SHARED_FOLDER = "/var/lib/earmark"

/** A folder being made is in use for seconds; one this old was left by a process that died half-way. */
const STALE_AGE_MS = 10 * 60_000

/** Windows refuses to rename a folder while a virus scanner looks at it, which ends within moments. */
const RENAME_ATTEMPTS_MAX = 5
const RENAME_PAUSE_MS = 100

export function randomId(): string {
  return randomBytes(6).toString("hex")
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

/** The code of a system error or a Postgres error, or an empty text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : ""
}

/**
 * Makes the folder that holds clusters or copies; what root makes must be open to the user that Postgres runs as.
 * One step after another: where the file system makes no folders, as in /proc, Node's recursive mkdir never returns.
 */
export async function makeParentFolder(folder: string): Promise<void> {
  const missing = [resolve(folder)]
  for (let above = dirname(resolve(folder)); !(await exists(above)); above = dirname(above))
    missing.push(above)
  for (const step of missing.reverse()) {
    if ((await makeFolder(step)) && process.getuid?.() === 0) await chmod(step, 0o755)
  }
}

/** False when it is there already. */
async function makeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await stat(folder)).isDirectory()) return false
    throw error
  }
}

/** A new name beside `target`, on the same file system so that the finished folder can be renamed into place. */
export function unfinishedName(target: string): string {
  return `${target}.new-${randomId()}`
}

/** Removes what died half-way. Younger ones may belong to a process that is making the same folder right now. */
export async function removeStaleFolders(target: string): Promise<void> {
  const prefix = `${basename(target)}.new-`
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix)) continue
    const folder = join(dirname(target), name)
    const found = await stat(folder).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > STALE_AGE_MS) {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/**
 * Renames a finished folder into place and makes the rename durable: without that, a power cut could take away a
 * cluster that has acknowledged commits. False when another process was first; then the finished one is of no use.
 */
export async function putInPlace(finished: string, target: string): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(finished, target)
      await syncFolder(dirname(target))
      return true
    } catch (error) {
      if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) return false
      if (process.platform !== "win32" || attempt === RENAME_ATTEMPTS_MAX) throw error
      if (await exists(target)) return false
      await sleep(RENAME_PAUSE_MS)
    }
  }
}

/** Windows can neither open a folder nor needs it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return
  const opened = await open(folder, "r")
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}
