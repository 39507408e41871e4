/** A child process, with its output in a file, as in operation: no line of it wakes anybody. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, open, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { environmentWith } from "./environment.ts"

export interface ListeningProcess extends RunningProcess {
  readonly url: URL
}

export interface RunningProcess {
  readonly pid: number
  /** Keeps it from doing anything meanwhile. */
  whilePaused(work: () => Promise<unknown>): Promise<void>
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>
}

export interface Program {
  readonly path: string
  readonly words?: readonly string[]
  /** Environment variables, beside those of this process. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A service looks at its database before it listens, and that may be busy. */
const START_MS_MAX = 30_000
const LOOK_AGAIN_MS = 20
/** Above the time that the service gives itself. */
const STOP_MS_MAX = 25_000
/** Of its output, for the message that says why it failed. */
const TOLD_CHARACTERS_MAX = 2000

const LISTENING = /\bhttp:\/\/\S+/

/** Starts a program that says under which URL it listens. */
export async function startListening(program: Program): Promise<ListeningProcess> {
  const { said, ...running } = await startUntil(program, LISTENING)
  return { ...running, url: new URL(said) }
}

/** Starts a program, and waits until it says something like that. */
export async function startUntil(
  program: Program,
  ready: RegExp,
): Promise<RunningProcess & { readonly said: string }> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-bench-"))
  const output = await open(join(folder, "output"), "a+")
  const child = spawnProgram(program, output.fd)
  const ended = once(child, "exit")
  // If this process is made to exit at once, nothing of it may stay.
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  const read = () => readFile(join(folder, "output"), "utf8")
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    const forced = setTimeout(kill, STOP_MS_MAX)
    await ended
    clearTimeout(forced)
    process.off("exit", kill)
    const said = await read()
    await output.close()
    await rm(folder, { recursive: true })
    return said
  }
  try {
    const said = await untilSaid(child, read, ready)
    return {
      said,
      pid: child.pid ?? 0,
      async whilePaused(work) {
        child.kill("SIGSTOP")
        try {
          await work()
        } finally {
          child.kill("SIGCONT")
        }
      },
      async stop() {
        const said = await stop("SIGTERM")
        if (child.exitCode !== 0) throw endedBadly(program, child, said)
      },
    }
  } catch (error) {
    const said = await stop("SIGKILL")
    throw error instanceof NotReady ? endedBadly(program, child, said) : error
  }
}

function spawnProgram({ path, words = [], settings = {} }: Program, outputFd: number): ChildProcess {
  return spawn(process.execPath, [path, ...words], {
    env: environmentWith(settings),
    // Open as long as we are there: that is how a program without an owner can tell.
    stdio: ["pipe", outputFd, outputFd],
  })
}

class NotReady extends Error {}

async function untilSaid(child: ChildProcess, read: () => Promise<string>, ready: RegExp): Promise<string> {
  for (const startedMs = performance.now(); performance.now() - startedMs < START_MS_MAX; ) {
    const said = ready.exec(await read())?.[0]
    if (said !== undefined) return said
    if (child.exitCode !== null || child.signalCode !== null) break
    await pause(LOOK_AGAIN_MS)
  }
  throw new NotReady()
}

function endedBadly({ path, words = [] }: Program, child: ChildProcess, said: string): Error {
  const how = child.signalCode ?? `exit code ${child.exitCode}`
  return new Error(`${[path, ...words].join(" ")} ended with ${how}:\n${said.slice(-TOLD_CHARACTERS_MAX)}`)
}
