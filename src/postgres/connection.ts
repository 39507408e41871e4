/** A connection lent by the pool for one try: bounded in time, and destroyed rather than returned when in doubt. */
import type pg from "pg"
import { isOrdinary, TransactionFault } from "./faults.ts"
import type { Statement } from "./statement.ts"
import { TRANSACTION_TIMEOUT_MS } from "./timeouts.ts"

export interface Result {
  readonly rows: Record<string, unknown>[]
  readonly rowCount: number
  /** What Postgres says it did: `COMMIT`, `ROLLBACK`, `UPDATE`. */
  readonly command: string
}

export class Connection {
  readonly #client: pg.PoolClient
  readonly #watchdog: NodeJS.Timeout
  #returned = false

  static async open(pool: pg.Pool): Promise<Connection> {
    try {
      return new Connection(await pool.connect())
    } catch (error) {
      throw new TransactionFault(error, false)
    }
  }

  private constructor(client: pg.PoolClient) {
    this.#client = client
    // A silent server: end the wait by breaking the connection. What was in flight then fails with a connection error.
    this.#watchdog = setTimeout(() => client.connection.stream.destroy(), TRANSACTION_TIMEOUT_MS)
    client.on("error", ignore)
  }

  /**
   * Sends statements in order, all at once where the connection pipelines. The first failure is the one that tells.
   *
   * @param mayCommit whether the last of them commits: left without an answer, its outcome is unknown
   */
  async send(statements: readonly Statement[], mayCommit: boolean): Promise<Result[]> {
    const answers = this.#client.pipeline
      ? await Promise.allSettled(statements.map((statement) => this.#client.query(statement)))
      : await this.#sendInTurn(statements)
    const failure = answers.find((answer) => answer.status === "rejected")
    if (failure === undefined) return answers.map((answer) => toResult((answer as Answered).value))
    // After a server's ordinary error the connection is fine; after anything else it must not be used again.
    if (answers.some((answer) => answer.status === "rejected" && !isOrdinary(answer.reason))) this.destroy()
    // The commit comes last: where it was answered, if only with ROLLBACK, or never sent, nothing is open.
    const commitOpen =
      mayCommit && answers.length === statements.length && answers.at(-1)?.status === "rejected"
    throw new TransactionFault(failure.reason, commitOpen)
  }

  release(): void {
    this.#return(false)
  }

  destroy(): void {
    if (!this.#returned) this.#client.connection.stream.destroy()
    this.#return(true)
  }

  async #sendInTurn(statements: readonly Statement[]): Promise<PromiseSettledResult<pg.QueryResult>[]> {
    const answers: PromiseSettledResult<pg.QueryResult>[] = []
    for (const statement of statements) {
      const [answer] = await Promise.allSettled([this.#client.query(statement)])
      if (answer) answers.push(answer)
      if (answer?.status === "rejected") break
    }
    return answers
  }

  #return(broken: boolean): void {
    if (this.#returned) return
    this.#returned = true
    clearTimeout(this.#watchdog)
    this.#client.off("error", ignore)
    this.#client.release(broken)
  }
}

function toResult({ rows, rowCount, command }: pg.QueryResult): Result {
  return { rows, rowCount: rowCount ?? 0, command }
}

type Answered = PromiseFulfilledResult<pg.QueryResult>

function ignore(): void {}
