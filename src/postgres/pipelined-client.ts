/**
 * Sends several statements in one round trip. The driver's own pipelining ends each statement with a Sync of its own, so
 * the server flushes, and both sides wake up, once for each; here one Sync ends them all. That is a sixth to a
 * third of Node's time for a reservation (docs/decisions/0011-one-sync-a-round-trip.md).
 *
 * What the server does with it (https://www.postgresql.org/docs/current/protocol-flow.html, "Pipelining"): it runs the
 * statements in order, each with a snapshot of its own where the isolation level gives it one, with its own time-out, and
 * after an error skips all that come before the Sync.
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
  readonly #prepared = new Map<string, Prepared>()

  constructor(config?: string | pg.ClientConfig) {
    // The driver's pipelining is another one, and takes no queries but its own.
    super(typeof config === "string" ? config : { ...config, pipeline: false })
  }

  /**
   * Runs statements in order. Never rejects: what ran before an error counts too. Values are null, text, numbers, big
   * integers, booleans, and flat arrays of them; names are those of this client, not to be used in `query`.
   */
  sendTogether(statements: readonly Statement[]): Promise<PipelineAnswer> {
    return new Promise((resolve) => {
      this.query(new Pipeline(statements, this.#prepared, resolve))
    })
  }
}

/** How to read what a statement returns. */
interface Columns {
  readonly each: readonly { readonly name: string; readonly parse: (text: string) => unknown }[]
  /** With all columns: copies of it get their values without growing, which takes less than half of the time. */
  readonly emptyRow: Readonly<Record<string, unknown>>
}

const NO_COLUMNS: Columns = { each: [], emptyRow: {} }

/** What the server knows by a name; kept with its columns, so that it need not describe them each time. */
interface Prepared {
  readonly text: string
  readonly columns: Columns
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** What the driver takes for a query: it hands on the server's messages, whatever statement they belong to. */
class Pipeline implements pg.Submittable {
  /** Set by the driver where it has a time-out of its own to end. */
  callback: (() => void) | undefined
  readonly #statements: readonly Statement[]
  readonly #prepared: Map<string, Prepared>
  readonly #resolve: (answer: PipelineAnswer) => void
  readonly #results: StatementResult[] = []
  #rows: Record<string, unknown>[] = []
  #columns: Columns | undefined

  constructor(
    statements: readonly Statement[],
    prepared: Map<string, Prepared>,
    resolve: (answer: PipelineAnswer) => void,
  ) {
    this.#statements = statements
    this.#prepared = prepared
    this.#resolve = resolve
  }

  /** An error that is returned has sent nothing. */
  submit(connection: pg.Connection): Error | undefined {
    let values: (string | null)[][]
    try {
      values = this.#statements.map((statement) => statement.values.map(toText))
    } catch (error) {
      return error as Error
    }
    connection.stream.cork()
    for (const [index, statement] of this.#statements.entries()) {
      this.#send(connection, statement, values[index] ?? [])
    }
    connection.sync()
    connection.stream.uncork()
    return undefined
  }

  #send(connection: pg.Connection, { name = "", text }: Statement, values: (string | null)[]): void {
    const prepared = this.#prepared.get(name)?.text === text
    if (!prepared) {
      this.#prepared.delete(name)
      // It may be known to the server from a try that failed later on; closing what is not there is no error.
      if (name !== "") connection.close({ type: "S", name }, true)
      connection.parse({ name, text, types: [] }, true)
    }
    connection.bind({ statement: name, values }, true)
    if (!prepared) connection.describe({ type: "P" }, true)
    connection.execute({}, true)
  }

  get #statement(): Statement {
    return this.#statements[this.#results.length] as Statement
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.#columns = {
      each: fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) })),
      emptyRow: Object.fromEntries(fields.map(({ name }) => [name, null])),
    }
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const { each, emptyRow } =
      this.#columns ?? this.#prepared.get(this.#statement.name ?? "")?.columns ?? NO_COLUMNS
    const row: Record<string, unknown> = { ...emptyRow }
    let index = 0
    for (const { name, parse } of each) {
      const text = fields[index] ?? null
      if (text !== null) row[name] = parse(text)
      index += 1
    }
    this.#rows.push(row)
  }

  /** @param text such as `INSERT 0 64`, `UPDATE 1`, `COMMIT`, `CREATE TABLE` */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const [command = "", ...words] = text.split(" ")
    this.#complete({ rows: this.#rows, rowCount: Number(words.at(-1)) || 0, command })
  }

  /** A text of nothing but comments. */
  handleEmptyQuery(): void {
    this.#complete({ rows: [], rowCount: 0, command: "" })
  }

  /** There is nothing to copy from. While it waited for a copy the server has passed over the Sync. */
  handleCopyInResponse(connection: pg.Connection & { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail("statements that are sent together cannot copy")
    connection.sync()
  }

  handleCopyData(): void {}

  handleError(error: unknown): void {
    // Its text may mean something else by now: next time it is parsed anew. Or the server has forgotten all of them.
    if ((error as { code?: unknown }).code === INVALID_STATEMENT_NAME) this.#prepared.clear()
    else this.#prepared.delete(this.#statement?.name ?? "")
    this.#answer(error)
  }

  handleReadyForQuery(): void {
    this.#answer(undefined)
  }

  #complete(result: StatementResult): void {
    const { name, text } = this.#statement
    if (name !== undefined && this.#prepared.get(name)?.text !== text) {
      this.#prepared.set(name, { text, columns: this.#columns ?? NO_COLUMNS })
    }
    this.#results.push(result)
    this.#rows = []
    this.#columns = undefined
  }

  #answer(error: unknown): void {
    this.callback?.()
    this.#resolve({ results: this.#results, error })
  }
}

/** The driver's parser of 64-bit numbers looks at each digit, and returns the text all the same. */
function parserOf(dataTypeID: number): (text: string) => unknown {
  return dataTypeID === pg.types.builtins.INT8 ? (text) => text : pg.types.getTypeParser(dataTypeID)
}

/** After `discard all`, or behind a pooler that has changed servers. */
const INVALID_STATEMENT_NAME = "26000"

/** A value as Postgres reads it from text, an array as an array literal. */
function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? `{${value.map(toElement).join(",")}}` : plain(value)
}

function toElement(value: unknown): string {
  if (value === null || value === undefined) return "NULL"
  return `"${plain(value).replaceAll(/["\\]/g, "\\$&")}"`
}

function plain(value: unknown): string {
  if (typeof value !== "object") return String(value)
  throw new TypeError(
    "a value of a statement must be null, text, a number, a boolean, or a flat array of them",
  )
}
