/** The lines of reservations: levels and quantities lie in the reservation, what the levels are called does not. */
import type { Line } from "../core/model.ts"
import { arrayOf, defineStatement, type Statement } from "./statement.ts"

type Row = Record<string, unknown>

export type LevelNames = ReadonlyMap<number, { readonly sku: string; readonly location: string }>

const readNames = defineStatement<[ids: string]>(
  "read_level_names",
  "select s.id, s.sku, s.location from earmark.stock_levels s where s.id = any($1::int[])",
)

/** The levels of these reservations that are not known yet; null when all are. A level is never renamed. */
export function readLevelNames(
  schema: string,
  reservations: readonly Row[],
  known: LevelNames = new Map(),
): Statement | null {
  const ids = new Set<number>()
  for (const row of reservations) {
    for (const id of numbersOf(row["stock_level_ids"])) if (!known.has(id)) ids.add(id)
  }
  return ids.size === 0 ? null : readNames(schema, arrayOf([...ids]))
}

export function toLevelNames(rows: readonly Row[]): LevelNames {
  return new Map(
    rows.map((row) => [Number(row["id"]), { sku: String(row["sku"]), location: String(row["location"]) }]),
  )
}

/** By sku and location: the order in which everybody shows them. */
export function toLines(reservation: Row, names: LevelNames): Line[] {
  const quantities = numbersOf(reservation["quantities"])
  const lines = numbersOf(reservation["stock_level_ids"]).map((levelId, index) => {
    const name = names.get(levelId)
    if (!name) throw new Error(`stock level ${levelId} of a line does not exist`)
    return { levelId, sku: name.sku, location: name.location, quantity: quantities[index] ?? 0 }
  })
  return lines.length === 1 ? lines : lines.sort(bySkuThenLocation)
}

/** Of an array as Postgres writes it: `{1,2}`. */
function numbersOf(text: unknown): number[] {
  return String(text).slice(1, -1).split(",").map(Number)
}

function bySkuThenLocation(a: Line, b: Line): number {
  if (a.sku !== b.sku) return a.sku < b.sku ? -1 : 1
  return a.location < b.location ? -1 : 1
}
