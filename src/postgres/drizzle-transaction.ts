/** `earmark/drizzle`: lets the engine work inside a Drizzle transaction. */
import { type SQL, sql } from "drizzle-orm"
import type { CallerTransaction } from "../engine/ports.ts"

/** What Drizzle's `db.transaction` hands to its callback, for the node-postgres driver. */
export interface DrizzleTransaction {
  execute(query: SQL): PromiseLike<unknown>
}

/** `db.transaction(async (tx) => engine.reserve(input, { tx: fromDrizzle(tx) }))` */
export function fromDrizzle(tx: DrizzleTransaction): CallerTransaction {
  return {
    async query({ text, values }) {
      const { rows, rowCount } = (await tx.execute(withParameters(text, values))) as Awaited<
        ReturnType<CallerTransaction["query"]>
      >
      return { rows, rowCount }
    },
  }
}

/** The text with each `$n` bound as a parameter of Drizzle's own, which numbers them anew. */
function withParameters(text: string, values: readonly unknown[]): SQL {
  const parts = text.split(/\$(\d+)/)
  return sql.join(
    parts.map((part, index) =>
      index % 2 === 0 ? sql.raw(part) : sql`${sql.param(values[Number(part) - 1])}`,
    ),
  )
}
