import { readFileSync, readlinkSync, realpathSync } from "node:fs"
import { link, readFile, readlink, realpath, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { codeOf, unfinishedName } from "./folders.ts"

/** Of interest in postmaster.pid, which Postgres writes into its data directory while it runs. */
export interface PostmasterFile {
  readonly pid: number
  readonly port: number
  /** `starting`, `stopping`, `ready`, or empty when the server has only begun to start. */
  readonly status: string
}

export async function readPostmasterFile(clusterFolder: string): Promise<PostmasterFile | null> {
  const text = await readFile(join(clusterFolder, "postmaster.pid"), "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return ""
    throw error
  })
  return parsePostmasterFile(text)
}

function parsePostmasterFile(text: string): PostmasterFile | null {
  const lines = text.split("\n")
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  // Half-written, or by a server in single-user mode, which writes its pid as a negative number.
  if (!(pid > 0) || !(port > 0)) return null
  return { pid, port, status: lines[7]?.trim() ?? "" }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === "EPERM"
  }
}

/**
 * Whether the process can be the server of the cluster. After a reboot the pid of a server that was never shut down
 * may be another process's; a server works in its data directory, which Linux shows and other systems do not.
 */
export async function isServerOf(clusterFolder: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null)
  return folder === null || folder === (await realpath(clusterFolder))
}

/** Whether the pid is that of the cluster's server, by its file and its folder, without waiting for anything. */
export function vouchesForNow(clusterFolder: string, pid: number): boolean {
  try {
    const text = readFileSync(join(clusterFolder, "postmaster.pid"), "utf8")
    if (parsePostmasterFile(text)?.pid !== pid || !isAlive(pid)) return false
    const folder = process.platform === "linux" ? readlinkSync(`/proc/${pid}/cwd`) : null
    return folder === null || folder === realpathSync(clusterFolder)
  } catch {
    return false
  }
}

/**
 * Removes a postmaster.pid whose pid is another process now: Postgres would refuse to start as long as that one lives.
 * Should another start have put its own file there meanwhile, it gets it back; and should a third one start in that
 * instant, Postgres finds the shared memory of the running server and refuses.
 */
export async function removeStalePostmasterFile(clusterFolder: string): Promise<void> {
  const file = await readPostmasterFile(clusterFolder)
  if (file === null || !isAlive(file.pid) || (await isServerOf(clusterFolder, file.pid))) return
  const path = join(clusterFolder, "postmaster.pid")
  const aside = unfinishedName(path)
  try {
    await rename(path, aside)
    const [pid] = (await readFile(aside, "utf8")).split("\n")
    if (Number(pid) !== file.pid) await link(aside, path)
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(codeOf(error))) throw error
  } finally {
    await rm(aside, { force: true })
  }
}
