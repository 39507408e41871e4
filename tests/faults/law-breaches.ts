/** Each law with ways to break it: two units of the five MUG are held, and two of the five CUP. */
import type { Breach } from "./breaches.ts"

/** Of the hold. */
export const KEY = "00000000-0000-0000-0000-0000000000aa"
const NOBODY = "'00000000-0000-7000-8000-000000000000'"
const OF_LEVEL = "where id = LEVEL"
const OF_HOLD = "where id = 'HOLD'"
const ENTRY = "where stock_level_id = LEVEL and version = "
const JOURNAL = `insert into earmark.journal (stock_level_id, version, kind, reservation_id,
  on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at, period)`

/** HOLD, LEVEL, OTHER_HOLD and OTHER_LEVEL stand for a hold's UUID, its level, and those of one of another item. */
export const BREACHES: readonly Breach[] = [
  {
    law: "levels-in-bounds",
    what: "more held than on hand",
    sql: `update earmark.stock_levels set held = on_hand + 1 ${OF_LEVEL}`,
    names: { table: "stock_levels", stock_level_id: "LEVEL" },
  },
  {
    law: "levels-in-bounds",
    what: "a journal row below nothing",
    sql: `update earmark.journal set held = -1 ${ENTRY} 2`,
    names: { table: "journal", stock_level_id: "LEVEL", version: "2" },
  },
  {
    law: "levels-in-bounds",
    what: "a line of nothing",
    sql: `update earmark.reservations set quantities = '{0}' ${OF_HOLD}`,
    names: { table: "reservations", stock_level_id: "LEVEL" },
  },
  {
    law: "levels-equal-journal",
    what: "a unit that nobody wrote down",
    sql: `update earmark.stock_levels set on_hand = on_hand + 1 ${OF_LEVEL}`,
    names: { stock_level_id: "LEVEL", sku: "MUG", on_hand: "6", on_hand_sum: "5" },
  },
  {
    law: "levels-equal-journal",
    what: "a held unit that nobody wrote down",
    sql: `update earmark.stock_levels set held = held + 1 ${OF_LEVEL}`,
    names: { stock_level_id: "LEVEL", sku: "MUG", held: "3", held_sum: "2" },
  },
  {
    law: "levels-equal-journal",
    what: "a safety stock that nobody wrote down",
    sql: `update earmark.stock_levels set safety_stock = 1 ${OF_LEVEL}`,
    names: { stock_level_id: "LEVEL", safety_stock: "1", safety_stock_last: "0" },
  },
  {
    law: "levels-equal-journal",
    what: "a delta that says something else than the balances",
    sql: `update earmark.journal set on_hand_delta = 4 ${ENTRY} 1`,
    names: { stock_level_id: "LEVEL", on_hand: "5", on_hand_sum: "4" },
  },
  {
    law: "journal-in-feed",
    what: "a journal row that is not told of",
    sql: "delete from earmark.feed where position = (select max(position) from earmark.feed)",
    names: { problem: "not in the feed" },
  },
  {
    law: "journal-in-feed",
    what: "versions that are told of in another order",
    sql: `update earmark.feed set first_versions[1] = first_versions[1] + 1 where stock_level_ids[1] = LEVEL`,
    names: { problem: "not what comes next", stock_level_id: "LEVEL" },
  },
  {
    law: "journal-in-feed",
    what: "more told of than there is",
    sql: `update earmark.feed set rows = rows + 1 where LEVEL = any(stock_level_ids)`,
    names: { problem: "rows" },
  },
  {
    law: "held-equals-holds",
    what: "units held for nobody",
    sql: `update earmark.stock_levels set held = held + 1 ${OF_LEVEL}`,
    names: { stock_level_id: "LEVEL", held: "3", recounted: "2" },
  },
  {
    law: "held-equals-holds",
    what: "units held for Redis and for a buyer as well",
    sql: "insert into earmark.allotments values (LEVEL, 1, 1, 1, 0)",
    names: { stock_level_id: "LEVEL", held: "2", recounted: "2", allotted: "1" },
  },
  {
    law: "allotments-in-journal",
    what: "units of Redis that nobody wrote down",
    sql: "insert into earmark.allotments values (LEVEL, 1, 1, 1, 0)",
    names: { stock_level_id: "LEVEL", units: "1", journalled: "0" },
  },
  {
    law: "allotments-in-journal",
    what: "units written down as taken back that nobody had",
    sql: `${JOURNAL} values (LEVEL, 3, 'given_back', null, 0, -1, 5, 1, 0, now(), 1)`,
    names: { stock_level_id: "LEVEL", units: "0", journalled: "-1" },
  },
  {
    law: "one-end",
    what: "a hold that has ended nowhere but in its row",
    sql: `update earmark.reservations set state = 'released' ${OF_HOLD}`,
    names: { id: "HOLD", state: "released" },
  },
  {
    law: "one-end",
    what: "a hold that is still held after its end",
    sql: `${JOURNAL} values (LEVEL, 3, 'confirmed', 'HOLD', -2, -2, 3, 0, 0, now(), 1)`,
    names: { id: "HOLD", state: "held" },
  },
  {
    law: "one-end",
    what: "a hold that has ended otherwise than its row says",
    sql: `with ended as (update earmark.reservations set state = 'released' ${OF_HOLD})
      ${JOURNAL} values (LEVEL, 3, 'expired', 'HOLD', 0, -2, 5, 0, 0, now(), 1)`,
    names: { id: "HOLD", state: "released", kinds: "expired" },
  },
  {
    law: "one-end",
    what: "a hold that has ended twice",
    sql: `with ended as (update earmark.reservations set state = 'released' ${OF_HOLD})
      ${JOURNAL} values (LEVEL, 3, 'released', 'HOLD', 0, -2, 5, 0, 0, now(), 1),
        (LEVEL, 4, 'expired', 'HOLD', 0, -2, 5, -2, 0, now(), 1)`,
    names: { id: "HOLD", state: "released", ends: "2" },
  },
  {
    law: "units-add-up",
    what: "units brought in that are nowhere",
    sql: "update earmark.adjustments set delta = delta + 1 where stock_level_id = LEVEL",
    names: { sku: "MUG", brought_in: "6", sold: "0" },
  },
  {
    law: "units-add-up",
    what: "units sold that are still there",
    sql: `update earmark.reservations set state = 'confirmed' ${OF_HOLD}`,
    names: { sku: "MUG", on_hand: "5", brought_in: "5", sold: "2" },
  },
  {
    law: "versions-without-gap",
    what: "a version that is missing",
    sql: `update earmark.journal set version = 3 ${ENTRY} 2`,
    names: { stock_level_id: "LEVEL", version: "3", expected_version: "2" },
  },
  {
    law: "versions-without-gap",
    what: "a balance that is not the one before plus the change",
    sql: `update earmark.journal set on_hand = 4 ${ENTRY} 2`,
    names: { stock_level_id: "LEVEL", on_hand: "4", expected_on_hand: "5" },
  },
  {
    law: "versions-without-gap",
    what: "units held that are not those before plus the change",
    sql: `update earmark.journal set held_delta = 1 ${ENTRY} 2`,
    names: { stock_level_id: "LEVEL", held: "2", expected_held: "1" },
  },
  {
    law: "versions-without-gap",
    what: "a level ahead of its journal",
    sql: `update earmark.stock_levels set version = version + 1 ${OF_LEVEL}`,
    names: { stock_level_id: "LEVEL", version: "3" },
  },
  {
    law: "versions-without-gap",
    what: "a version in an earlier period than the one before it",
    sql: `update earmark.journal set period = 2 ${ENTRY} 1`,
    names: { stock_level_id: "LEVEL", version: "2", period: "1", period_before: "2" },
  },
  {
    law: "versions-without-gap",
    what: "a version in two periods",
    sql: `${JOURNAL} values (LEVEL, 2, 'held', 'HOLD', 0, 2, 5, 2, 0, now(), 2)`,
    names: { stock_level_id: "LEVEL", version: "2", expected_version: "3" },
  },
  {
    law: "one-reservation-per-key",
    what: "a key of two reservations, each in its period",
    sql: `insert into earmark.idempotency_keys values ('${KEY}', 'OTHER_HOLD', ${NOBODY}, 2)`,
    names: { key: KEY, count: "2" },
  },
  {
    law: "one-reservation-per-key",
    what: "a key whose reservation is nowhere",
    sql: `update earmark.idempotency_keys set reservation_id = ${NOBODY}`,
    names: { key: KEY, count: "1" },
  },
  {
    law: "one-reservation-per-key",
    what: "two adjustments with one key",
    sql: `update earmark.adjustments set idempotency_key = 'k', fingerprint = ${NOBODY}`,
    names: { key: "k", count: "2" },
  },
  {
    law: "transitions-in-journal",
    what: "a transition of which the journal knows nothing",
    sql: "delete from earmark.journal where stock_level_id = LEVEL and reservation_id = 'HOLD'",
    names: { problem: "not in the journal", reservation_id: "HOLD", stock_level_id: "LEVEL", kind: "held" },
  },
  {
    law: "transitions-in-journal",
    what: "a journal row for which nothing happened",
    sql: `${JOURNAL} values (LEVEL, 3, 'released', 'HOLD', 0, -2, 5, 0, 0, now(), 1)`,
    names: { problem: "without a transition", reservation_id: "HOLD", kind: "released" },
  },
  {
    law: "transitions-in-journal",
    what: "a line with another quantity than its journal row",
    sql: `update earmark.reservations set quantities = '{1}' ${OF_HOLD}`,
    names: { problem: "not in the journal", reservation_id: "HOLD", quantity: "1" },
  },
  {
    law: "transitions-in-journal",
    what: "a line of nobody knows how many",
    sql: `update earmark.reservations set quantities = '{null}' ${OF_HOLD}`,
    names: { problem: "not in the journal", reservation_id: "HOLD", quantity: null },
  },
  {
    law: "transitions-in-journal",
    what: "a line of a level that does not exist",
    sql: `update earmark.reservations set stock_level_ids = '{999999}' ${OF_HOLD}`,
    names: { problem: "not in the journal", reservation_id: "HOLD", stock_level_id: "999999" },
  },
  {
    law: "transitions-in-journal",
    what: "a second line for a level",
    sql: `update earmark.reservations set stock_level_ids = '{LEVEL,LEVEL}', quantities = '{2,2}' ${OF_HOLD}`,
    names: { problem: "not in the journal", reservation_id: "HOLD", stock_level_id: "LEVEL", quantity: "2" },
  },
  {
    law: "adjustments-in-journal",
    what: "an adjustment of which the journal knows nothing",
    sql: `delete from earmark.journal ${ENTRY} 1`,
    names: { delta: "5", rows: "0" },
  },
  {
    law: "adjustments-in-journal",
    what: "an adjustment with another delta than its journal row",
    sql: "update earmark.adjustments set delta = 4 where stock_level_id = LEVEL",
    names: { delta: "4", on_hand_delta: "5" },
  },
  {
    law: "adjustments-in-journal",
    what: "an adjustment with another version than its journal row",
    sql: "update earmark.adjustments set version = 2 where stock_level_id = LEVEL",
    names: { delta: "5", rows: "0" },
  },
  {
    law: "adjustments-in-journal",
    what: "a journal row whose adjustment is nowhere",
    sql: "delete from earmark.adjustments where stock_level_id = LEVEL",
    names: { id: null, on_hand_delta: "5", rows: "1" },
  },
  {
    law: "lines-share-fate",
    what: "a line without a hold",
    sql: "delete from earmark.holds where reservation_id = 'HOLD'",
    names: { problem: "no hold", reservation_id: "HOLD", stock_level_id: "LEVEL", quantity: "2" },
  },
  {
    law: "lines-share-fate",
    what: "a hold of a reservation that has ended",
    sql: `update earmark.reservations set state = 'released' ${OF_HOLD}`,
    names: { problem: "no line", reservation_id: "HOLD", stock_level_id: "LEVEL" },
  },
  {
    law: "lines-share-fate",
    what: "a hold of a level that is in no line",
    sql: "update earmark.holds set stock_level_id = OTHER_LEVEL where reservation_id = 'HOLD'",
    names: { problem: "no line", reservation_id: "HOLD", stock_level_id: "OTHER_LEVEL" },
  },
  {
    law: "lines-share-fate",
    what: "a hold until another deadline",
    sql: "update earmark.holds set expires_at = expires_at + interval '1 ms' where reservation_id = 'HOLD'",
    names: { problem: "no line", reservation_id: "HOLD", stock_level_id: "LEVEL" },
  },
  {
    law: "lines-share-fate",
    what: "a hold of another quantity",
    sql: "update earmark.holds set quantity = 3 where reservation_id = 'HOLD'",
    names: { problem: "no line", reservation_id: "HOLD", quantity: "3" },
  },
  {
    law: "lines-share-fate",
    what: "a second hold for a line",
    sql: `insert into earmark.holds
      select stock_level_id, expires_at + interval '1 ms', reservation_id, quantity
      from earmark.holds where reservation_id = 'HOLD'`,
    names: { problem: "no line", reservation_id: "HOLD", stock_level_id: "LEVEL" },
  },
  {
    law: "ends-on-time",
    what: "a confirmation at the deadline",
    sql: `${JOURNAL} select LEVEL, 3, 'confirmed', id, -2, -2, 3, 0, 0, expires_at, 1
      from earmark.reservations ${OF_HOLD}`,
    names: { id: "HOLD", kind: "confirmed" },
  },
  {
    law: "ends-on-time",
    what: "an expiry before the deadline",
    sql: `${JOURNAL} select LEVEL, 3, 'expired', id, 0, -2, 5, 0, 0, expires_at - interval '1 ms', 1
      from earmark.reservations ${OF_HOLD}`,
    names: { id: "HOLD", kind: "expired" },
  },
  {
    law: "overdue-is-swept",
    what: "a hold that nobody has swept",
    sql: `update earmark.reservations set expires_at = now() - interval '30 s' ${OF_HOLD}`,
    names: { id: "HOLD" },
  },
]
