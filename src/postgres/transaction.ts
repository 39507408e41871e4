/** One transaction on one connection: what it sends, and what is certain when it fails. */
import { Connection } from "./connection.ts"
import type { Database } from "./database.ts"
import { TransactionFault } from "./faults.ts"
import type { Statement, StatementResult } from "./statement.ts"

/** Runs statements in order on one connection. */
export interface Session {
  run(statements: readonly Statement[]): Promise<readonly Pick<StatementResult, "rows" | "rowCount">[]>
}

const BEGIN: Statement = { name: "earmark_begin", text: "begin isolation level read committed", values: [] }
const COMMIT: Statement = { name: "earmark_commit", text: "commit", values: [] }
const ROLLBACK: Statement = { name: "earmark_rollback", text: "rollback", values: [] }

export class Transaction implements Session {
  readonly #connection: Connection
  #state: "new" | "open" | "ended" = "new"

  /** Takes a connection; nothing is sent yet. */
  static async open({ pool }: Database): Promise<Transaction> {
    return new Transaction(await Connection.open(pool))
  }

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  run(statements: readonly Statement[]): Promise<StatementResult[]> {
    return this.#send(statements, false)
  }

  /** Sends the statements and the commit together; resolves when the commit is certain. */
  async commit(statements: readonly Statement[] = []): Promise<StatementResult[]> {
    const results = await this.#send([...statements, COMMIT], true)
    const tag = results.at(-1)?.command
    this.#end()
    // Committing a transaction that has failed is no error for Postgres: the tag says what it did.
    if (tag !== "COMMIT") throw new TransactionFault(rolledBack(tag), false)
    return results.slice(0, -1)
  }

  /** Gives the locks back, if it has not ended; a connection on which even that fails is destroyed. */
  async rollback(): Promise<void> {
    if (this.#state === "ended") return
    if (this.#state === "open")
      await this.#connection.send([ROLLBACK], false).catch(() => this.#connection.destroy())
    this.#end()
  }

  /** The first call carries the `begin` with it. */
  async #send(statements: readonly Statement[], mayCommit: boolean): Promise<StatementResult[]> {
    const begin = this.#state === "new" ? [BEGIN] : []
    this.#state = "open"
    const results = await this.#connection.send([...begin, ...statements], mayCommit)
    return results.slice(begin.length)
  }

  #end(): void {
    this.#state = "ended"
    this.#connection.release()
  }
}

/** A connection on which each statement is its own transaction. */
export class Autocommit implements Session {
  readonly #connection: Connection

  static async open({ pool }: Database): Promise<Autocommit> {
    return new Autocommit(await Connection.open(pool))
  }

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  run(statements: readonly Statement[]): Promise<StatementResult[]> {
    return this.#connection.send(statements, false)
  }

  /** Sends one statement that changes something. */
  async commit(statement: Statement): Promise<StatementResult | undefined> {
    const [result] = await this.#connection.send([statement], true)
    return result
  }

  release(): void {
    this.#connection.release()
  }
}

function rolledBack(tag: string | undefined): Error {
  const error = new Error(`the commit was answered ${tag}`)
  return Object.assign(error, { code: "40001", severity: "ERROR" })
}
