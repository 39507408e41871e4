/** What a journal row does not say about its level before it. */
import { type JournalView, viewChange } from "../../../core/journal-view.ts"
import {
  CHANGE_COLUMNS,
  FACTS_COLUMNS,
  joinLevel,
  LEVEL_COLUMNS,
  toChange,
  toFacts,
  toLevel,
} from "../../feed/changes.ts"

/** For `select` from journal rows `j` with `SHOWN_JOINS`. */
export const SHOWN_COLUMNS = `${CHANGE_COLUMNS}, ${LEVEL_COLUMNS}, ${FACTS_COLUMNS},
  coalesce(p.safety_stock, c.safety_stock, 0) as safety_stock_before, coalesce(a.allotted, c.allotted, 0) as allotted_before`

/** Each by one look into an index. Where the row before was dropped, it is what was carried over. */
export const SHOWN_JOINS = `${joinLevel("j.stock_level_id")}
   left join lateral (select * from earmark.reservations where id = j.reservation_id limit 1) r on true
   left join lateral (
     select safety_stock from earmark.journal
     where stock_level_id = j.stock_level_id and version = j.version - 1
     limit 1
   ) p on true
   left join lateral (
     select allotted from earmark.journal
     where stock_level_id = j.stock_level_id and version < j.version and allotted is not null
     order by version desc
     limit 1
   ) a on true
   left join lateral (
     select * from earmark.carried_over where stock_level_id = j.stock_level_id limit 1
   ) c on true`

export function toJournalView(row: Record<string, unknown>): JournalView {
  const reservation = row["ttl_seconds"] === null ? null : toFacts(row)
  return viewChange(toChange(row, toLevel(row), reservation), {
    safetyStock: Number(row["safety_stock_before"]),
    allotted: Number(row["allotted_before"]),
  })
}
