/** Real `earmark` processes over folders and environments of their own. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const MAIN = join(ROOT, "src", "cli", "main.ts")

export type Settings = Readonly<Record<string, string>>

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** Resolves once the text came on either stream. */
  saw(text: string | RegExp): Promise<void>
  ended(): Promise<Ended>
}

/** Starts a process that is killed at the end of the test, if it is still there. */
export function launch(words: readonly string[], settings: Settings, main = MAIN): Running {
  return launchProgram([process.execPath, main, ...words], settings)
}

/** Starts npm in this clone. */
export function launchNpm(words: readonly string[], settings: Settings): Running {
  const running = launchProgram(["npm", ...words], settings, { detached: true })
  onTestFinished(() => {
    // Its group: a shell and a service that outlived npm are in it.
    if (running.child.pid !== undefined && isGroup(running.child.pid))
      process.kill(-running.child.pid, "SIGKILL")
  })
  return running
}

function isGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 0)
  } catch {
    return false
  }
}

function launchProgram(
  [program = "", ...words]: readonly string[],
  settings: Settings,
  { detached = false } = {},
): Running {
  const child = spawn(program, words, {
    cwd: ROOT,
    detached,
    env: { ...ownEnvironment(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const texts = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text
    })
  }
  let isClosed = false
  const closed = once(child, "close").then(() => {
    isClosed = true
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  const all = () => texts.stdout + texts.stderr
  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    async saw(text) {
      const found = () => (typeof text === "string" ? all().includes(text) : text.test(all()))
      while (!found()) {
        if (isClosed) throw new Error(`it ended with ${child.exitCode} before ${text} came:\n${all()}`)
        await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), closed])
      }
    },
    async ended() {
      await closed
      return { exitCode: child.exitCode, ...texts }
    },
  }
}

/** Runs a command to its end. */
export function run(words: readonly string[], settings: Settings, main = MAIN): Promise<Ended> {
  return launch(words, settings, main).ended()
}

export interface Service extends Running {
  readonly url: string
  /** Asks it to stop and waits for the end. */
  stop(): Promise<Ended>
}

/** Starts a service and waits until it listens. */
export async function listening(words: readonly string[], settings: Settings): Promise<Service> {
  const running = launch(words, { PORT: "0", LOG_LEVEL: "warn", ...settings })
  await running.saw("Earmark listens on ")
  const url = /Earmark listens on (\S+)/.exec(running.stdout())?.[1] ?? ""
  return {
    ...running,
    url,
    stop() {
      running.child.kill("SIGTERM")
      return running.ended()
    },
  }
}

/** A data folder for one test. A Postgres that was left running in it is stopped at the end. */
export async function makeDataDir(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "earmark-cli-"))
  // As root the private Postgres runs as somebody else, who must be able to reach the folder.
  await chmod(parent, 0o755)
  const dataDir = join(parent, "data")
  onTestFinished(async () => {
    const pid = await postmasterOf(dataDir)
    if (pid !== null) process.kill(pid, "SIGQUIT")
    await rm(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  return dataDir
}

/** The process id of the Postgres that runs in the folder; null when none does. */
export async function postmasterOf(dataDir: string): Promise<number | null> {
  const text = await readFile(join(dataDir, "postgres", "postmaster.pid"), "utf8").catch(() => null)
  return text === null ? null : Number(text.split("\n")[0])
}

/** Sends JSON and takes JSON. */
export async function call(
  url: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(url, {
    ...(body !== undefined && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Ours, without any setting that the machine may carry. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const settings = /^(EARMARK_.*|DATABASE_URL|DATABASE_REPLICA_URL|REDIS_URL|HOST|PORT|LOG_LEVEL)$/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name)))
}
