/** What the engine sends to Postgres, kept so that it can be sent again. */
import pg from "pg"

/**
 * Sessions as the engine's own pool opens them, so that the same statements get the same plans and the same timers.
 * `tests/bench/session.test.ts` compares.
 */
export const ENGINE_SESSION = {
  pipeline: true,
  keepAlive: true,
  lock_timeout: 2000,
  statement_timeout: 4000,
  idle_in_transaction_session_timeout: 6000,
  options:
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off",
} as const

export interface RecordedStatement {
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
}

/** From begin to commit; what was sent together, without waiting for an answer in between, stands together. */
export type RecordedTransaction = readonly (readonly RecordedStatement[])[]

export interface RecordingPool {
  readonly pool: pg.Pool
  /** From now on. */
  start(): void
  /** What was committed since the start, in the order of the commits. */
  take(): RecordedTransaction[]
}

export function openRecordingPool(connectionString: string, max: number): RecordingPool {
  let committed: RecordedTransaction[] | null = null
  const keep = (transaction: RecordedTransaction) => committed?.push(transaction)
  class RecordedClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const send = this.query.bind(this) as (...words: unknown[]) => Promise<unknown>
      const log = new ConnectionLog(keep)
      const recorded = (...words: unknown[]) => {
        const answered = send(...words)
        if (committed !== null) log.add(words[0] as RecordedStatement, answered)
        return answered
      }
      this.query = recorded as typeof this.query
    }
  }
  const pool = new pg.Pool({ connectionString, max, ...ENGINE_SESSION, Client: RecordedClient })
  pool.on("error", () => {})
  return {
    pool,
    start() {
      committed = []
    },
    take() {
      const taken = committed ?? []
      committed = null
      return taken
    },
  }
}

/** One connection, where a transaction is what lies between a begin and a commit. */
class ConnectionLog {
  readonly #keep: (transaction: RecordedTransaction) => void
  #roundTrips: RecordedStatement[][] | null = null
  #unanswered = 0

  constructor(keep: (transaction: RecordedTransaction) => void) {
    this.#keep = keep
  }

  add(statement: RecordedStatement, answered: Promise<unknown>): void {
    const { text } = statement
    if (text.startsWith("begin")) this.#roundTrips = []
    // Nothing is under way: whoever sends now has seen all answers before.
    if (this.#unanswered === 0) this.#roundTrips?.push([])
    this.#roundTrips?.at(-1)?.push(statement)
    this.#unanswered += 1
    const onAnswer = (committed: boolean) => {
      this.#unanswered -= 1
      if (committed && this.#roundTrips) this.#keep(this.#roundTrips)
      if (text === "commit" || text === "rollback") this.#roundTrips = null
    }
    answered.then(
      () => onAnswer(text === "commit"),
      () => onAnswer(false),
    )
  }
}
