/** What happened to the stock levels of an item, in pages. */
import { EarmarkError } from "../../../core/errors.ts"
import type {
  JournalOrder,
  StockJournalOutcome,
  StockJournalPage,
  StockJournalRequest,
} from "../../../engine/journal.ts"
import type { Database } from "../../database.ts"
import { read } from "../../query.ts"
import { milliseconds } from "../../rows.ts"
import { arrayOf, defineStatement } from "../../statement.ts"
import { limitOf } from "../cursor.ts"
import { SHOWN_COLUMNS, SHOWN_JOINS, toJournalView } from "./before.ts"
import { isKnownLocation, type JournalLevel, journalLevelsOf } from "./levels.ts"
import { decodePlaces, encodePlaces, type Places } from "./places.ts"
import { type VersionRange, versionsAt } from "./versions-at.ts"

type Row = Record<string, unknown>

/** Levels whose journals are told together: each gives as many rows as the page has. An item with more is asked by location. */
const LEVELS_MAX = 200

/**
 * The journals of several levels in one order. Of one level it is that of the versions, whatever the clock said: times
 * that went back count as the time before.
 */
const pageOf = (order: { readonly towards: "asc" | "desc"; readonly furthest: "max" | "min" }) => `
   select ${SHOWN_COLUMNS}
   from (
     select k.*
     from (
       select e.*, ${order.furthest}(e.occurred_at) over (
         partition by e.stock_level_id order by e.version ${order.towards}
       ) as at
       from unnest($1::int[], $2::bigint[], $3::bigint[]) as w(level, low, high)
       cross join lateral (
         select * from earmark.journal
         where stock_level_id = w.level and version >= w.low and version < w.high
         order by version ${order.towards}
         limit $4::int
       ) e
     ) k
     order by k.at ${order.towards}, k.stock_level_id ${order.towards}, k.version ${order.towards}
     limit $4::int
   ) j
   ${SHOWN_JOINS}
   order by j.at ${order.towards}, j.stock_level_id ${order.towards}, j.version ${order.towards}`

type PageValues = [levels: string, lows: string, highs: string, limit: number]
const PAGES = {
  newest: defineStatement<PageValues>("read_journal_newest", pageOf({ towards: "desc", furthest: "min" })),
  oldest: defineStatement<PageValues>("read_journal_oldest", pageOf({ towards: "asc", furthest: "max" })),
}

const readKept = defineStatement<[levels: string]>(
  "read_journal_kept",
  `select ${milliseconds("max(p.closed_at)")} as since_ms
   from earmark.periods p
   where p.journal_dropped_at is not null
     and exists (
       select from earmark.carried_over c where c.stock_level_id = any($1::int[]) and c.version > 0
     )`,
)

export async function readStockJournal(
  database: Database,
  request: StockJournalRequest,
): Promise<StockJournalOutcome> {
  const { sku, location } = request
  const levels = await journalLevelsOf(database, sku)
  if (levels === null) return { outcome: "item_not_found", sku }
  if (location !== undefined && !(await isKnownLocation(database, location, levels))) {
    return { outcome: "location_not_found", location }
  }
  const asked = levels.filter((level) => location === undefined || level.location === location)
  if (asked.length > LEVELS_MAX) throw tooManyLevels()
  return readPage(database, request, asked)
}

async function readPage(
  database: Database,
  request: StockJournalRequest,
  levels: readonly JournalLevel[],
): Promise<StockJournalPage> {
  const { sku, location = "", order = "newest" } = request
  const limit = limitOf(request)
  const list = `journal ${sku} ${location} ${order}`
  const told = decodePlaces(list, request.cursor, new Set(levels.map(({ id }) => id)))
  const ranges = withoutTold(await rangesOf(database, request, levels), told, order)
  const statement = PAGES[order](
    database.schema,
    arrayOf(ranges.map(({ levelId }) => levelId)),
    arrayOf(ranges.map(({ low }) => low)),
    arrayOf(ranges.map(({ high }) => high)),
    limit + 1,
  )
  const rows = await read(database, statement)
  const isLast = rows.length <= limit
  const page = rows.slice(0, limit)
  return {
    outcome: "listed",
    data: page.map(toJournalView),
    nextCursor: isLast ? null : encodePlaces(list, placesAfter(ranges, page, order)),
    // After the page: what is dropped meanwhile is missed by nobody who believes that he has everything.
    ...(await keptOf(database, levels)),
  }
}

/** What of each level may be told; changes made from now on are left to those who ask again. */
async function rangesOf(
  database: Database,
  { since, until }: StockJournalRequest,
  levels: readonly JournalLevel[],
): Promise<VersionRange[]> {
  const whole = levels.map(({ id, version }) => ({ levelId: id, low: 1, high: version + 1 }))
  const at = (edge: Date | undefined) =>
    edge === undefined
      ? null
      : versionsAt(
          database,
          whole.map((range) => ({ ...range, atMs: edge.getTime() })),
        )
  const [lows, highs] = [await at(since), await at(until)]
  return whole.map((range, index) => ({
    ...range,
    low: lows?.[index] ?? range.low,
    high: highs?.[index] ?? range.high,
  }))
}

/** A level that the page before did not name has been told whole, or, oldest first, is new. */
function withoutTold(
  ranges: readonly VersionRange[],
  told: Places | null,
  order: JournalOrder,
): readonly VersionRange[] {
  if (told === null) return ranges
  return ranges.flatMap((range) => {
    const place = told.get(range.levelId)
    if (order === "oldest")
      return place === undefined ? [range] : [{ ...range, low: Math.max(range.low, place) }]
    return place === undefined ? [] : [{ ...range, high: Math.min(range.high, place) }]
  })
}

function placesAfter(ranges: readonly VersionRange[], page: readonly Row[], order: JournalOrder): Places {
  const places = new Map(ranges.map(({ levelId, low, high }) => [levelId, order === "oldest" ? low : high]))
  for (const row of page) {
    const version = Number(row["version"])
    places.set(Number(row["stock_level_id"]), order === "oldest" ? version + 1 : version)
  }
  if (order === "newest")
    for (const { levelId, low } of ranges) if (places.get(levelId) === low) places.delete(levelId)
  return places
}

async function keptOf(
  database: Database,
  levels: readonly JournalLevel[],
): Promise<Pick<StockJournalPage, "isComplete" | "keptSince">> {
  const [row] = await read(database, readKept(database.schema, arrayOf(levels.map(({ id }) => id))))
  const sinceMs = row?.["since_ms"] ?? null
  return { isComplete: sinceMs === null, keptSince: sinceMs === null ? null : new Date(Number(sinceMs)) }
}

function tooManyLevels(): EarmarkError {
  const message = `is required for an item that has more than ${LEVELS_MAX} stock levels`
  return new EarmarkError("invalid_request", `location ${message}`, {
    notApplied: true,
    errors: [{ pointer: "/query/location", message }],
  })
}
