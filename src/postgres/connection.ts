/** A connection lent by the pool for one try: bounded in time, and destroyed rather than returned when in doubt. */
import type pg from "pg"
import { TransactionFault } from "./faults.ts"
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
   * @param mayCommit whether one of them commits: when the connection then breaks, the outcome is unknown
   */
  async send(statements: readonly Statement[], mayCommit: boolean): Promise<Result[]> {
    try {
      return this.#client.pipeline ? await this.#sendTogether(statements) : await this.#sendInTurn(statements)
    } catch (error) {
      // After a server's ordinary error the connection is fine; after anything else it must not be used again.
      if (!isOrdinary(error)) this.destroy()
      throw new TransactionFault(error, mayCommit)
    }
  }

  release(): void {
    this.#return(false)
  }

  destroy(): void {
    if (!this.#returned) this.#client.connection.stream.destroy()
    this.#return(true)
  }

  async #sendTogether(statements: readonly Statement[]): Promise<Result[]> {
    const settled = await Promise.allSettled(statements.map((statement) => this.#client.query(statement)))
    return settled.map((result) => {
      if (result.status === "rejected") throw result.reason
      return toResult(result.value)
    })
  }

  async #sendInTurn(statements: readonly Statement[]): Promise<Result[]> {
    const results: Result[] = []
    for (const statement of statements) results.push(toResult(await this.#client.query(statement)))
    return results
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

function isOrdinary(error: unknown): boolean {
  return (error as { severity?: unknown } | null)?.severity === "ERROR"
}

function ignore(): void {}
