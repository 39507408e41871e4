/**
 * Named statements. The texts say `earmark.` before every table; that becomes the configured schema, once per schema.
 * Naming the schema instead of setting a search path lets the same text run inside a caller's own transaction.
 */
import { hash } from "node:crypto"

export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
}

export interface StatementResult {
  readonly rows: Record<string, unknown>[]
  readonly rowCount: number
  /** What Postgres says it did: `COMMIT`, `ROLLBACK`, `UPDATE`. */
  readonly command: string
}

export type StatementOf<Values extends readonly unknown[]> = (schema: string, ...values: Values) => Statement

/** Defines a statement that is prepared once per connection; its values are given in the order of `$1, $2, ...`. */
export function defineStatement<Values extends readonly unknown[]>(
  name: string,
  text: string,
): StatementOf<Values> {
  const prepared = new Map<string, { name: string; text: string }>()
  return (schema, ...values) => {
    let own = prepared.get(schema)
    if (!own) {
      const ownText = inSchema(schema, text)
      // Two engines with different schemas may share a connection, where a name stands for one text only.
      own = { name: `earmark_${name}_${hash("sha1", ownText, "hex").slice(0, 8)}`, text: ownText }
      prepared.set(schema, own)
    }
    return { name: own.name, text: own.text, values: [...values] }
  }
}

/** The text with `earmark.` and `"earmark".` replaced by the quoted schema. */
export function inSchema(schema: string, text: string): string {
  return text.replaceAll(/"earmark"\.|\bearmark\./g, () => `${quoteIdentifier(schema)}.`)
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** An array literal of values that need no quoting: numbers, UUIDs. Several times cheaper than the general encoding. */
export function arrayOf(values: readonly (number | string | null)[]): string {
  return `{${values.map((value) => value ?? "null").join(",")}}`
}

/** An array literal of numbers as an element of an array of texts. */
export function nestedArrayOf(values: readonly number[]): string {
  return `"{${values.join(",")}}"`
}
