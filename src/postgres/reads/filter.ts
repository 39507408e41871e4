import { inSchema, type Statement } from "../statement.ts"

/**
 * The conditions of a list, only those asked for: one plan is made for all values of a statement, and a plan that has
 * to serve a condition that may or may not be there serves neither.
 */
export class Filter {
  readonly #clauses: string[] = []
  readonly #values: unknown[] = []

  where(clause: string): this {
    this.#clauses.push(clause)
    return this
  }

  /** @param clause with `?` wherever the value goes; left out when there is no value */
  whereGiven(clause: string, value: unknown): this {
    return value === undefined || value === null
      ? this
      : this.where(clause.replaceAll("?", this.#bind(value)))
  }

  /** @param select up to and without its `where` */
  statement(schema: string, select: string, tail: { orderBy: string; limit: number }): Statement {
    const where = this.#clauses.length > 0 ? `where ${this.#clauses.join("\n    and ")}` : ""
    const text = `${select}\n  ${where}\n  order by ${tail.orderBy}\n  limit ${this.#bind(tail.limit)}`
    return { text: inSchema(schema, text), values: this.#values }
  }

  #bind(value: unknown): string {
    return `$${this.#values.push(value)}`
  }
}
