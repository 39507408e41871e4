/** Looks at the primary and at the replica now and then, as long as somebody reads. */
import type pg from "pg"
import type { ReplicaState } from "../../engine/replica-status.ts"
import { within } from "../../engine/within.ts"
import { Connection } from "../connection.ts"
import type { Database } from "../database.ts"
import { type Mark, Marks, type Standing, type Verdict } from "./marks.ts"
import { NotUsable } from "./read-replica.ts"
import { standingStatement, takeMark, toStanding } from "./standing.ts"

/** Looks within the time that a replica may be behind: the age of one that keeps up is at most a fourth of it more. */
const LOOKS_WITHIN_BOUND = 4
/** Where the bound is short: more often would be a load. */
const INTERVAL_MS_MIN = 20
/** Where the bound is long: a replica that is away would be waited for. */
const INTERVAL_MS_MAX = 1000
/** One that has not answered for so long is away. */
const ANSWER_MS_MAX = 1000
/** After the last read. */
const WATCH_MS = 10_000

export interface FollowerOptions {
  readonly database: Database
  /** Its own: a replica that is busy with reads is not away. */
  readonly pool: pg.Pool
  readonly stalenessMsMax: number
  readonly onState: (state: ReplicaState, before: ReplicaState) => void
}

export class Follower {
  readonly #options: FollowerOptions
  readonly #marks: Marks
  readonly #intervalMs: number
  /** Reads that wait for the replica. */
  readonly #waiting = new Set<(error: Error) => void>()
  #state: ReplicaState = "unseen"
  #reached: Mark | null = null
  #usedMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #marking: Promise<void> | undefined
  #closed = false

  constructor(options: FollowerOptions) {
    const intervalMs = options.stalenessMsMax / LOOKS_WITHIN_BOUND
    this.#options = options
    this.#marks = new Marks(options.stalenessMsMax)
    this.#intervalMs = Math.min(Math.max(intervalMs, INTERVAL_MS_MIN), INTERVAL_MS_MAX)
  }

  get state(): ReplicaState {
    return this.#state
  }

  /** What the replica had got to when it was looked at last. */
  get reached(): Mark | null {
    return this.#reached
  }

  judge(standing: Standing): Verdict {
    return this.#marks.judge(standing, performance.now())
  }

  /** To be called before each read: keeps looking for a while. */
  use(): void {
    this.#usedMs = performance.now()
    if (this.#timer === undefined && this.#looking === undefined) void this.look()
  }

  /** Resolves once both have been looked at; never fails. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      this.#lookLater()
    })
    return this.#looking
  }

  /** A read has failed as if the replica were away: it may have been its connection alone. */
  suspect(): void {
    void this.look()
  }

  /** Waits no longer once the replica is away: whatever was asked of it by then may never be answered. */
  async whileThere<T>(work: Promise<T>): Promise<T> {
    const { promise: away, reject } = Promise.withResolvers<never>()
    this.#waiting.add(reject)
    try {
      return await Promise.race([work, away])
    } finally {
      this.#waiting.delete(reject)
      work.catch(() => {})
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await Promise.allSettled([this.#looking, this.#marking])
  }

  #lookLater(): void {
    if (!this.#closed) this.#timer = setTimeout(() => this.#lookAgain(), this.#intervalMs).unref()
  }

  #lookAgain(): void {
    this.#timer = undefined
    if (performance.now() - this.#usedMs <= WATCH_MS) void this.look()
    // From now on nobody would notice if it went away.
    else this.#become("unseen")
  }

  async #look(): Promise<void> {
    const { database, pool } = this.#options
    // Without it marks grow old, and the reads that go to the primary instead are told what ails it.
    await within(ANSWER_MS_MAX, this.#mark()).catch(() => {})
    try {
      const standing = await within(ANSWER_MS_MAX, askReplica(pool, database.schema))
      this.#reached = this.#marks.reachedBy(standing) ?? this.#reached
      this.#become(this.judge(standing).state)
    } catch {
      this.#become("away")
    }
  }

  /** One that comes late is as good as any, and comes before the next one is asked for. */
  #mark(): Promise<void> {
    this.#marking ??= takeMark(this.#options.database)
      .then((mark) => this.#marks.add(mark))
      .finally(() => {
        this.#marking = undefined
      })
    return this.#marking
  }

  #become(state: ReplicaState): void {
    const before = this.#state
    this.#state = state
    if (state === "away") for (const giveUp of this.#waiting) giveUp(new NotUsable("away"))
    if (state !== before) this.#options.onState(state, before)
  }
}

async function askReplica(pool: pg.Pool, schema: string): Promise<Standing> {
  const connection = await Connection.open(pool)
  try {
    const [answer] = await connection.send([standingStatement(schema)], false)
    return toStanding(answer?.rows[0])
  } finally {
    connection.release()
  }
}
