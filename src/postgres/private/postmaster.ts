import { execFile, execFileSync, spawn } from "node:child_process"
import { open, readFile, rename, stat } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import type { Binaries } from "./binaries.ts"
import { codeOf } from "./folders.ts"
import { isAlive, isServerOf, readPostmasterFile, vouchesForNow } from "./postmaster-file.ts"
import type { RunAs } from "./unprivileged.ts"

/** The postmaster is the first process of a server; a fast shutdown writes a checkpoint, which a slow disk prolongs. */
const FAST_SHUTDOWN_MS_MAX = 30_000

/** After SIGQUIT the postmaster gives its children 5 s before it kills them. */
const IMMEDIATE_SHUTDOWN_MS_MAX = 10_000

/** Between the removal of postmaster.pid and the end of the process lies nothing but exit(). */
const EXIT_MS_MAX = 1_000
const POLL_MS = 10

/** A log larger than this is put aside at the next start, in the place of the one put aside before. */
const LOG_BYTES_MAX = 16 * 1024 * 1024

/** The reason of a failed start is in its last lines; a line with a long statement must not fill the screen. */
const QUOTED_LINES_MAX = 6
const QUOTED_BYTES_MAX = 4_096

export interface Postmaster {
  readonly pid: number | undefined
  hasExited(): boolean
  /** The last lines that were logged since this server began to start. */
  quoteLog(): Promise<string>
}

export interface PostmasterOptions {
  readonly clusterFolder: string
  readonly logFile: string
  readonly flags: readonly string[]
  readonly runAs: RunAs | null
}

/** Starts the server in a session of its own: Ctrl-C in the terminal must reach us first, so that we drain before it stops. */
export async function spawnPostmaster(binaries: Binaries, options: PostmasterOptions): Promise<Postmaster> {
  const { logFile, runAs } = options
  const logged = await stat(logFile).catch(() => null)
  if (logged !== null && logged.size > LOG_BYTES_MAX) await rename(logFile, `${logFile}.old`)
  const log = await open(logFile, "a")
  let exited = false
  let reason = ""
  try {
    const { size } = await log.stat()
    const child = spawn(binaries.postgres, ["-D", options.clusterFolder, ...options.flags], {
      cwd: binaries.folder,
      // macOS refuses to start a server under some locales; the cluster has its own locale anyway.
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
      windowsHide: true,
      ...runAs,
    })
    child.once("exit", () => {
      exited = true
    })
    child.once("error", (error) => {
      exited = true
      reason = error.message
    })
    child.unref()
    return {
      pid: child.pid,
      hasExited: () => exited,
      quoteLog: async () => reason || (await readLastLines(logFile, size)),
    }
  } finally {
    await log.close()
  }
}

async function readLastLines(file: string, from: number): Promise<string> {
  const text = await readFile(file)
  const lines = text
    .subarray(Math.max(from, text.length - QUOTED_BYTES_MAX))
    .toString("utf8")
    .trimEnd()
    .split("\n")
  return lines.slice(-QUOTED_LINES_MAX).join("\n")
}

/** Stops the server of that cluster, if `pid` is still its pid: fast, which ends open transactions, then immediately. */
export async function stopPostmaster(clusterFolder: string, pid: number, binaries: Binaries): Promise<void> {
  await signalPostmaster(pid, "INT", { clusterFolder, binaries })
  if (await waitForExit(clusterFolder, pid, FAST_SHUTDOWN_MS_MAX)) return
  await signalPostmaster(pid, "QUIT", { clusterFolder, binaries })
  if (await waitForExit(clusterFolder, pid, IMMEDIATE_SHUTDOWN_MS_MAX)) return
  throw new Error(`The private Postgres in ${clusterFolder} (pid ${pid}) does not stop`)
}

interface SignalOptions {
  readonly clusterFolder: string
  readonly binaries: Binaries
}

async function signalPostmaster(pid: number, signal: "INT" | "QUIT", options: SignalOptions): Promise<void> {
  // A pid is given to another process once its own has ended: only the file vouches for it.
  if ((await readPostmasterFile(options.clusterFolder))?.pid !== pid) return
  if (!(await isServerOf(options.clusterFolder, pid))) return
  try {
    // Windows has no signals; Postgres listens on a pipe of its own there, and pg_ctl knows how to use it.
    if (process.platform === "win32")
      await promisify(execFile)(options.binaries.pgCtl, ["kill", signal, `${pid}`])
    else process.kill(pid, `SIG${signal}`)
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error
  }
}

/** As `signalPostmaster`, for a process that is about to end: done when it returns. */
export function signalPostmasterNow(pid: number, signal: "INT" | "QUIT", options: SignalOptions): void {
  if (!vouchesForNow(options.clusterFolder, pid)) return
  if (process.platform === "win32") execFileSync(options.binaries.pgCtl, ["kill", signal, `${pid}`])
  else process.kill(pid, `SIG${signal}`)
}

/**
 * Gone is a process that has ended, or one that has removed its file and had time to exit: in a container whose
 * first process does not reap orphans, an adopted server's pid stays visible for ever.
 */
async function waitForExit(clusterFolder: string, pid: number, msMax: number): Promise<boolean> {
  let deadline = performance.now() + msMax
  let removed = false
  while (isAlive(pid)) {
    if (!removed && (await readPostmasterFile(clusterFolder))?.pid !== pid) {
      removed = true
      deadline = Math.min(deadline, performance.now() + EXIT_MS_MAX)
    }
    if (performance.now() > deadline) return removed
    await sleep(POLL_MS)
  }
  return true
}
