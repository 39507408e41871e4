/**
 * Sessions whose statements a test sends one by one. Nothing is won by sleeping: a session is at its gate, has ended,
 * or is seen waiting for a lock.
 */
import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { openInterceptedPool } from "./intercepted-pool.ts"

/** `ready`: a statement waits at the gate. `blocked`: what was sent waits for somebody else's lock. */
export type Standing = "ready" | "blocked" | "ended"

/** Between two looks at what a session does. */
const POLL_MS = 2
/** Far above the engine's own time-outs: reached only when a session hangs. */
const POLLS_MAX = 5000

export class SteppedSession {
  readonly pool: pg.Pool
  readonly #observer: pg.Pool
  #stepped = false
  #atGate: { readonly name: string; readonly open: () => void } | undefined
  #pid = 0
  #running = false
  #wake = () => {}
  /** The statement that was sent last, by its short name. */
  last = ""

  /** @param observer a pool of its own for looking at what the session's backend does */
  constructor(databaseUrl: string, observer: pg.Pool) {
    this.#observer = observer
    // One connection: the statements of a session follow one another.
    this.pool = openInterceptedPool(databaseUrl, 1, ({ name }, client) => {
      if (!this.#stepped) return undefined
      this.#pid = (client as unknown as { processID: number }).processID
      return new Promise((open) => {
        this.#atGate = { name, open }
        this.#wake()
      })
    })
  }

  /** Runs an operation, which comes to stand before its first statement. */
  start<T>(operation: () => Promise<T>): Promise<T> {
    this.#stepped = true
    this.#running = true
    this.last = ""
    return operation().finally(() => {
      this.#stepped = false
      this.#running = false
      this.#wake()
    })
  }

  /** The statement at the gate, by its short name. */
  get next(): string {
    return this.#atGate?.name ?? ""
  }

  send(): void {
    const gate = this.#atGate
    if (!gate) throw new Error("no statement waits at the gate")
    this.#atGate = undefined
    this.last = gate.name
    gate.open()
  }

  /** Waits until it is clear where the session stands. */
  async settle(): Promise<Standing> {
    for (let polls = 0; polls < POLLS_MAX; polls += 1) {
      if (this.#atGate) return "ready"
      if (!this.#running) return "ended"
      await Promise.race([
        pause(POLL_MS),
        new Promise<void>((resolve) => {
          this.#wake = resolve
        }),
      ])
      if (this.#atGate || !this.#running) continue
      if (await waitsForLock(this.#observer, this.#pid)) return "blocked"
    }
    throw new Error(`the session hangs after ${this.last}`)
  }

  /** Sends statements until the one named stands at the gate. */
  async runTo(name: string): Promise<void> {
    for (let sent = 0; sent < POLLS_MAX; sent += 1) {
      const standing = await this.settle()
      if (standing !== "ready") throw new Error(`the session is ${standing} before it came to ${name}`)
      if (this.next === name) return
      this.send()
    }
  }

  /** Sends whatever comes until the operation has ended. */
  async runOut(): Promise<void> {
    for (let sent = 0; sent < POLLS_MAX; sent += 1) {
      const standing = await this.settle()
      if (standing === "ended") return
      if (standing === "ready") this.send()
    }
  }
}

export async function waitsForLock(observer: pg.Pool, pid: number): Promise<boolean> {
  const { rowCount } = await observer.query(
    "select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'",
    [pid],
  )
  return rowCount === 1
}

/** Waits until that many backends of the database wait for a lock. */
export async function untilLockWaits(observer: pg.Pool, count: number): Promise<void> {
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    const { rowCount } = await observer.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    if ((rowCount ?? 0) >= count) return
    await pause(POLL_MS)
  }
  throw new Error(`no ${count} backends wait for a lock`)
}
