/**
 * Sends several statements in one round trip. The driver's own pipelining ends each statement with a Sync of its own, so
 * the server flushes, and both sides wake up, once for each; here one Sync ends them all. A reservation in a full batch
 * costs Node a third less by it, and a small batch is answered in half the time.
 *
 * What the server does with it (https://www.postgresql.org/docs/current/protocol-flow.html, "Pipelining"): it runs the
 * statements in order, each with a snapshot of its own as usual, and after an error skips all that come before the Sync.
 */
import pg from "pg"
import type { Statement, StatementResult } from "./statement.ts"

export interface PipelineAnswer {
  /** Of those that ran, in order. */
  readonly results: StatementResult[]
  /** Of the one after them; undefined: all ran. */
  readonly error: unknown
}

export class PipelinedClient extends pg.Client {
  readonly #prepared = new Map<string, Columns>()

  /** Runs statements in order. Never rejects: what ran before an error counts too. */
  sendTogether(statements: readonly Statement[]): Promise<PipelineAnswer> {
    return new Promise((resolve) => {
      this.query(new Pipeline(statements, this.#prepared, resolve))
    })
  }
}

/** How to read what a statement returns; kept with it, so that the server need not describe it each time. */
type Columns = readonly { readonly name: string; readonly parse: (text: string) => unknown }[]

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** What the driver takes for a query: it hands on the server's messages, whatever statement they belong to. */
class Pipeline implements pg.Submittable {
  readonly #statements: readonly Statement[]
  readonly #prepared: Map<string, Columns>
  readonly #resolve: (answer: PipelineAnswer) => void
  readonly #results: StatementResult[] = []
  #rows: Record<string, unknown>[] = []
  #columns: Columns | undefined

  constructor(
    statements: readonly Statement[],
    prepared: Map<string, Columns>,
    resolve: (answer: PipelineAnswer) => void,
  ) {
    this.#statements = statements
    this.#prepared = prepared
    this.#resolve = resolve
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork()
    for (const statement of this.#statements) this.#send(connection, statement)
    connection.sync()
    connection.stream.uncork()
  }

  #send(connection: pg.Connection, { name = "", text, values }: Statement): void {
    const prepared = this.#prepared.has(name)
    if (!prepared) {
      // It may be known to the server from a try that failed later on; closing what is not there is no error.
      if (name !== "") connection.close({ type: "S", name }, true)
      connection.parse({ name, text, types: [] }, true)
    }
    connection.bind({ statement: name, values: values.map(toText) }, true)
    if (!prepared) connection.describe({ type: "P" }, true)
    connection.execute({}, true)
  }

  get #statement(): Statement {
    return this.#statements[this.#results.length] as Statement
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: pg.types.getTypeParser(dataTypeID),
    }))
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const columns = this.#columns ?? this.#prepared.get(this.#statement.name ?? "") ?? []
    const row: Record<string, unknown> = {}
    for (const [index, { name, parse }] of columns.entries()) {
      const text = fields[index] ?? null
      row[name] = text === null ? null : parse(text)
    }
    this.#rows.push(row)
  }

  /** @param text such as `INSERT 0 64`, `UPDATE 1`, `COMMIT`, `CREATE TABLE` */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const { name } = this.#statement
    if (name !== undefined && !this.#prepared.has(name)) this.#prepared.set(name, this.#columns ?? [])
    const [command = "", ...words] = text.split(" ")
    this.#results.push({ rows: this.#rows, rowCount: Number(words.at(-1)) || 0, command })
    this.#rows = []
    this.#columns = undefined
  }

  handleError(error: unknown): void {
    // Its text may mean something else by now: next time it is parsed anew.
    this.#prepared.delete(this.#statement?.name ?? "")
    this.#resolve({ results: this.#results, error })
  }

  /** Comes after an error too, when the answer has been given. */
  handleReadyForQuery(): void {
    this.#resolve({ results: this.#results, error: undefined })
  }
}

/** A value as Postgres reads it from text, an array as an array literal. */
function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? `{${value.map(toElement).join(",")}}` : String(value)
}

function toElement(value: unknown): string {
  return value === null ? "NULL" : `"${String(value).replaceAll(/["\\]/g, "\\$&")}"`
}
