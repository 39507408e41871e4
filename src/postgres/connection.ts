/** A connection lent by the pool for one try: bounded in time, and destroyed rather than returned when in doubt. */
import type pg from "pg"
import { isOrdinary, TransactionFault } from "./faults.ts"
import { type PipelineAnswer, PipelinedClient } from "./pipelined-client.ts"
import type { Statement, StatementResult } from "./statement.ts"
import { TRANSACTION_TIMEOUT_MS } from "./timeouts.ts"

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
   * Sends statements in order, together where the client can. The first failure is the one that tells.
   *
   * @param mayCommit whether the last of them commits: left without an answer, its outcome is unknown
   */
  async send(statements: readonly Statement[], mayCommit: boolean): Promise<StatementResult[]> {
    const client = this.#client
    const together = client instanceof PipelinedClient
    const { results, error } = together
      ? await client.sendTogether(statements)
      : await this.#sendInTurn(statements)
    if (error === undefined) return results
    // After a server's ordinary error the connection is fine; after anything else it must not be used again.
    if (!isOrdinary(error)) this.destroy()
    // An ordinary error keeps what comes after it from running; a broken connection tells nothing about what was sent.
    const lastMayHaveRun = results.length >= statements.length - 1 || (together && !isOrdinary(error))
    throw new TransactionFault(error, mayCommit && lastMayHaveRun)
  }

  release(): void {
    this.#return(false)
  }

  destroy(): void {
    if (!this.#returned) this.#client.connection.stream.destroy()
    this.#return(true)
  }

  async #sendInTurn(statements: readonly Statement[]): Promise<PipelineAnswer> {
    const results: StatementResult[] = []
    for (const statement of statements) {
      try {
        const { rows, rowCount, command } = await this.#client.query(statement)
        results.push({ rows, rowCount: rowCount ?? 0, command })
      } catch (error) {
        return { results, error }
      }
    }
    return { results, error: undefined }
  }

  #return(broken: boolean): void {
    if (this.#returned) return
    this.#returned = true
    clearTimeout(this.#watchdog)
    this.#client.off("error", ignore)
    this.#client.release(broken)
  }
}

function ignore(): void {}
