import { EXIT_FAILED, EXIT_OK, type ExitCode } from "./command.ts"

/** From the request to stop until everything is down: below the 30 s that service managers wait before they kill. */
const STOP_MS_MAX = 20_000

/** The terminal sends Ctrl-C to npm and to us, and npm sends it to us again: both are one press. */
const SAME_PRESS_MS = 500

/**
 * How often a process that npm runs looks whether its parent is still there. A signal to npm ends the shell between
 * npm and us where that shell is dash, and never reaches us: without this, the service would go on without an owner.
 */
const PARENT_POLL_MS = 250

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** What a process has opened, in order. It is closed in the opposite order, whether or not everything was opened. */
export class Lifetime {
  readonly #closers: (() => Promise<unknown>)[] = []
  readonly #lastResorts: (() => void)[] = []
  readonly #stopping = new AbortController()

  /** Aborted when the process is to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  onClose(close: () => Promise<unknown>): void {
    this.#closers.push(close)
  }

  /**
   * For what would outlive the process. Called when it ends without closing the rest: it must be done when it returns.
   */
  onForcedExit(lastResort: () => void): void {
    this.#lastResorts.push(lastResort)
  }

  requestStop(): void {
    this.#stopping.abort()
  }

  /** Closes everything, also when some of it fails to close; returns the failures. */
  async close(): Promise<unknown[]> {
    const failures: unknown[] = []
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    return failures
  }

  /** Ends the process without waiting for anything. */
  forceExit(): void {
    for (const lastResort of this.#lastResorts) {
      try {
        lastResort()
      } catch {
        // The exit is what counts now, and what is already gone cannot be stopped.
      }
    }
    process.exit(EXIT_FAILED)
  }
}

export interface LifetimeOptions {
  /** Stop when the parent process has gone. */
  readonly stopWithParent?: boolean
  readonly say: (text: string) => void
  /** Told of an error that nobody caught, and of what could not be closed. */
  readonly onFault: (error: unknown) => void
  /** Opens everything, and looks at `stopping` between steps that take long. */
  readonly open: (lifetime: Lifetime) => Promise<void>
}

/** Runs until a signal or an error that nobody caught asks for the end, then closes what was opened. */
export async function runUntilStopped(options: LifetimeOptions): Promise<ExitCode> {
  const { say, onFault, open, stopWithParent = false } = options
  const lifetime = new Lifetime()
  let exitCode: ExitCode = EXIT_OK
  const fail = (error: unknown) => {
    exitCode = EXIT_FAILED
    onFault(error)
    lifetime.requestStop()
  }
  const unlisten = listen({ lifetime, say, fail })
  const forced = boundStop(lifetime, say)
  const parentPoll = stopWithParent ? pollParent(lifetime, say) : undefined
  try {
    await open(lifetime)
    if (!lifetime.stopping.aborted) await onceAborted(lifetime.stopping)
  } catch (error) {
    // A start that looked at `stopping` and went no further is no failure.
    if (error !== lifetime.stopping.reason) {
      lifetime.requestStop()
      throw error
    }
  } finally {
    for (const failure of await lifetime.close()) fail(failure)
    forced.end()
    clearInterval(parentPoll)
    unlisten()
  }
  say("earmark: stopped")
  return exitCode
}

function onceAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
}

interface Listening {
  readonly lifetime: Lifetime
  readonly say: (text: string) => void
  readonly fail: (error: unknown) => void
}

function listen({ lifetime, say, fail }: Listening): () => void {
  let firstPressMs: number | null = null
  const onSignal = (signal: NodeJS.Signals) => {
    const nowMs = performance.now()
    if (firstPressMs === null) {
      firstPressMs = nowMs
      say(`earmark: stopping (${signal}); press Ctrl-C again to stop at once`)
      lifetime.requestStop()
    } else if (signal === "SIGINT" && nowMs - firstPressMs > SAME_PRESS_MS) {
      say("earmark: stopped at once")
      lifetime.forceExit()
    }
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  process.on("uncaughtException", fail)
  process.on("unhandledRejection", fail)
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
    process.off("uncaughtException", fail)
    process.off("unhandledRejection", fail)
  }
}

function pollParent(lifetime: Lifetime, say: (text: string) => void): NodeJS.Timeout {
  const parent = process.ppid
  const poll = setInterval(() => {
    if (process.ppid === parent || lifetime.stopping.aborted) return
    say("earmark: stopping (npm, which ran this, has gone)")
    lifetime.requestStop()
  }, PARENT_POLL_MS)
  return poll.unref()
}

/** Once the stop was requested, it ends within the bound, one way or the other. */
function boundStop(lifetime: Lifetime, say: (text: string) => void): { end(): void } {
  let timer: NodeJS.Timeout | undefined
  lifetime.stopping.addEventListener("abort", () => {
    timer = setTimeout(() => {
      say(`earmark: not everything stopped within ${STOP_MS_MAX / 1000} s; leaving it`)
      lifetime.forceExit()
    }, STOP_MS_MAX)
  })
  return { end: () => clearTimeout(timer) }
}
