import type { Changes } from "../../core/decision/draft.ts"
import type { LevelChange } from "../../core/stock-book.ts"
import type { Guard, Write } from "../guard.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"

const updateLevels = defineStatement<
  [ids: string, onHandDeltas: string, heldDeltas: string, safetyStocks: string, versions: string]
>(
  "update_levels",
  `update earmark.stock_levels s
   set on_hand = s.on_hand + c.on_hand_delta, held = s.held + c.held_delta,
     safety_stock = coalesce(c.safety_stock, s.safety_stock), version = s.version + c.versions
   from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
     as c(id, on_hand_delta, held_delta, safety_stock, versions)
   where s.id = c.id`,
)

const insertLevel = defineStatement<[sku: string, location: string]>(
  "insert_level",
  `insert into earmark.stock_levels (sku, location) values ($1, $2) returning id`,
)

/** Levels that were decided on before they existed: inserted first, so that the rest can name them. */
export function levelInserts(schema: string, changes: Changes): Statement[] {
  return changes.madeLevels.map(({ sku, location }) => insertLevel(schema, sku, location))
}

/** The guard of those that lock: nothing moves until the commit, so there is nothing to compare. */
export const lockLevels: Guard = { lockLevels: true, levelWrites: updateLockedLevels }

function updateLockedLevels(
  schema: string,
  levels: readonly LevelChange[],
  idOf: (id: number) => number,
): Write[] {
  const statement = updateLevels(
    schema,
    arrayOf(levels.map(({ before }) => idOf(before.id))),
    arrayOf(levels.map((level) => level.onHandDelta)),
    arrayOf(levels.map((level) => level.heldDelta)),
    arrayOf(levels.map((level) => level.safetyStock)),
    arrayOf(levels.map((level) => level.versions)),
  )
  return [{ statement, rowCount: null }]
}
