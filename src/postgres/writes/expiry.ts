/**
 * Ends many overdue holds in one transaction and one round trip. Nothing is decided here: that time has passed is all
 * there is to it, and no row has to travel. What it writes is what `decide` writes for `expire`, held to it by a test.
 */
import type { IdValues } from "../id-range.ts"
import { OPEN_PERIOD } from "../periods/open-period.ts"
import { defineStatement } from "../statement.ts"

/**
 * `now()` is when the transaction began, so that all statements speak of the same holds: those that were overdue then.
 * A deadline that was moved while we waited for the lock is seen in the row as it is now (promise S5).
 */
const OVERDUE = `r.id = any($1::uuid[])
     and r.id between $2::uuid and $3::uuid
     and r.state = 'held'
     and r.expires_at <= now()`

export const lockOverdue = defineStatement<IdValues>(
  "lock_overdue",
  `select
   from earmark.reservations r
   where ${OVERDUE}
   order by r.id
   for update`,
)

export const lockLevelsOfOverdue = defineStatement<IdValues>(
  "lock_levels_of_overdue",
  `select
   from earmark.stock_levels s
   where s.id = any(array(select unnest(r.stock_level_ids) from earmark.reservations r where ${OVERDUE}))
   order by s.sku, s.location
   for update`,
)

/** Levels are read as they were before this statement: each line's version and balance follow from those before it. */
export const endOverdue = defineStatement<IdValues>(
  "end_overdue",
  `with instant as materialized (
     select date_trunc('milliseconds', clock_timestamp()) as at
   ),
   lines as materialized (
     select l.level_id, r.id, r.expires_at, l.quantity,
       row_number() over so_far as versions, sum(l.quantity) over so_far as units
     from earmark.reservations r
     cross join lateral unnest(r.stock_level_ids, r.quantities) as l(level_id, quantity)
     where ${OVERDUE}
     window so_far as (partition by l.level_id order by r.id rows unbounded preceding)
   ),
   given_back as (
     update earmark.stock_levels s
     set held = s.held - c.units, version = s.version + c.versions
     from (select level_id, max(versions) as versions, max(units) as units from lines group by level_id) c
     where s.id = c.level_id
       and s.id = any(array(select level_id from lines))
   ),
   ended as (
     update earmark.reservations r
     set state = 'expired', updated_at = (select at from instant)
     where ${OVERDUE}
     returning 1
   ),
   deleted as (
     delete from earmark.holds h
     using lines l
     where h.stock_level_id = l.level_id
       and h.expires_at = l.expires_at
       and h.reservation_id = l.id
   ),
   written as (
     insert into earmark.journal
       (stock_level_id, version, kind, reservation_id, on_hand_delta, held_delta, on_hand, held, safety_stock,
        occurred_at, period)
     select s.id, s.version + l.versions, 'expired', l.id, 0, -l.quantity, s.on_hand, s.held - l.units, s.safety_stock,
       (select at from instant), ${OPEN_PERIOD}
     from lines l
     cross join lateral (select * from earmark.stock_levels where id = l.level_id limit 1) s
   )
   select count(*) as ended from ended`,
)
