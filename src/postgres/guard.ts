import type { LevelChange } from "../core/stock-book.ts"
import type { Statement } from "./statement.ts"

/** How a strategy keeps two transactions from promising the same unit. */
export interface Guard {
  /** Lock the stock levels while reading them. */
  readonly lockLevels: boolean
  /** The writes of the stock levels; a row count other than the one given stops the transaction. */
  levelWrites(schema: string, levels: readonly LevelChange[], idOf: (id: number) => number): Write[]
}

/** A statement with the number of rows that it must touch for the decision to hold. */
export interface Write {
  readonly statement: Statement
  /** Null: whatever it touches is right, because the rows are locked. */
  readonly rowCount: number | null
}
