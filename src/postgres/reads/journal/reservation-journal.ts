/**
 * What happened to a reservation. The journal is ordered by stock level and has no index by reservation, but a reservation
 * knows its levels, and when it was made and changed last; a moment is found in a level's journal by halving. What happened
 * in between, which can only be extensions, is looked for in the level where least happened meanwhile; all lines of a
 * transition have one moment, so that the rows of the other levels are found by it. See
 * docs/decisions/0021-the-journal-by-reservation.md.
 */
import { fromWireId } from "../../../core/ids.ts"
import type { JournalView } from "../../../core/journal-view.ts"
import type { JournalKind } from "../../../core/stock-book.ts"
import type { ReservationJournal } from "../../../engine/journal.ts"
import type { Database } from "../../database.ts"
import { read } from "../../query.ts"
import { milliseconds } from "../../rows.ts"
import { arrayOf, defineStatement } from "../../statement.ts"
import { SHOWN_COLUMNS, SHOWN_JOINS, toJournalView } from "./before.ts"
import { type VersionRange, versionsAt } from "./versions-at.ts"

/** Changes of one level that are looked through for extensions: some 50 ms' worth. */
const LOOKED_THROUGH_MAX = 100_000
/** Rows in an answer, as far as each line is told from its beginning to its end. */
const ROWS_MAX = 2_000
/** Redis grants by a clock of its own, which may be ahead of Postgres' by so much. */
const CLOCK_SKEW_MS = 60_000

const readTimes = defineStatement<[id: string]>(
  "read_reservation_times",
  `select r.state, ${milliseconds("r.created_at")} as created_at_ms, ${milliseconds("r.updated_at")} as updated_at_ms,
     s.id as level, s.version
   from earmark.reservations r
   cross join lateral unnest(r.stock_level_ids) as l(id)
   cross join lateral (select id, version from earmark.stock_levels where id = l.id limit 1) s
   where r.id = $1::uuid`,
)

const readInRanges = defineStatement<[id: string, levels: string, lows: string, highs: string]>(
  "read_reservation_journal",
  `select ${SHOWN_COLUMNS}
   from unnest($2::int[], $3::bigint[], $4::bigint[]) as w(level, low, high)
   cross join lateral (
     select * from earmark.journal
     where stock_level_id = w.level and version >= w.low and version < w.high and reservation_id = $1::uuid
   ) j
   ${SHOWN_JOINS}`,
)

interface Subject {
  readonly id: string
  readonly isHeld: boolean
  readonly createdAtMs: number
  readonly updatedAtMs: number
  /** All that was written to its levels until now. */
  readonly levels: readonly VersionRange[]
}

/** Null: there is no such reservation, or not any more. */
export async function readReservationJournal(
  database: Database,
  wireId: string,
): Promise<ReservationJournal | null> {
  const id = fromWireId(wireId)
  const subject = id === null ? null : await subjectOf(database, id)
  if (subject === null) return null
  const { moments, areAll } = await momentsOf(database, subject)
  const data = await rowsAt(database, subject, moments)
  return { data, isComplete: areAll && hasEnds(data, subject) }
}

async function subjectOf(database: Database, id: string): Promise<Subject | null> {
  const rows = await read(database, readTimes(database.schema, id))
  const [first] = rows
  if (!first) return null
  return {
    id,
    isHeld: first["state"] === "held",
    createdAtMs: Number(first["created_at_ms"]),
    updatedAtMs: Number(first["updated_at_ms"]),
    levels: rows.map((row) => ({ levelId: Number(row["level"]), low: 1, high: Number(row["version"]) + 1 })),
  }
}

interface Moments {
  /** When something happened to it, in milliseconds, rising. */
  readonly moments: readonly number[]
  readonly areAll: boolean
}

async function momentsOf(database: Database, subject: Subject): Promise<Moments> {
  const { createdAtMs, updatedAtMs, isHeld, levels } = subject
  const made = await lookThrough(database, subject, { fromMs: createdAtMs, throughMs: updatedAtMs })
  // Granted by Redis, it was written down some time after it was made, by another clock.
  const found = made.hasBeginning
    ? made
    : await lookThrough(database, subject, {
        fromMs: createdAtMs - CLOCK_SKEW_MS,
        throughMs: isHeld ? null : updatedAtMs,
      })
  const most = Math.max(2, Math.floor(ROWS_MAX / levels.length))
  const { moments, areAll } = found
  if (moments.length <= most) return { moments, areAll }
  return { moments: [...moments.slice(0, most - 1), ...moments.slice(-1)], areAll: false }
}

interface Span {
  readonly fromMs: number
  /** Null: until now. */
  readonly throughMs: number | null
}

async function lookThrough(
  database: Database,
  subject: Subject,
  { fromMs, throughMs }: Span,
): Promise<Moments & { readonly hasBeginning: boolean }> {
  const { levels, id } = subject
  const at = (atMs: number, ranges = levels) =>
    versionsAt(
      database,
      ranges.map((range) => ({ ...range, atMs })),
    )
  const lows = await at(fromMs)
  const highs = throughMs === null ? levels.map(({ high }) => high) : await at(throughMs + 1)
  const spans = levels.map(({ levelId }, index) => ({
    levelId,
    low: lows[index] ?? 1,
    high: highs[index] ?? 1,
  }))
  const quietest = spans.reduce((least, span) =>
    span.high - span.low < least.high - least.low ? span : least,
  )
  const isWhole = quietest.high - quietest.low <= LOOKED_THROUGH_MAX
  const ranges = isWhole ? [quietest] : [{ ...quietest, high: quietest.low + LOOKED_THROUGH_MAX }]
  if (!isWhole && throughMs !== null) {
    const [low = quietest.high] = await at(throughMs, [quietest])
    ranges.push({ ...quietest, low: Math.max(low, quietest.low + LOOKED_THROUGH_MAX) })
  }
  const rows = await readRows(database, id, ranges)
  const moments = [...new Set(rows.map(({ occurredAt }) => occurredAt.getTime()))].sort((a, b) => a - b)
  return { moments, areAll: isWhole, hasBeginning: rows.some(({ kind }) => kind === "held") }
}

async function rowsAt(
  database: Database,
  { id, levels }: Subject,
  moments: readonly number[],
): Promise<JournalView[]> {
  const places = levels.flatMap((range) => moments.map((atMs) => ({ ...range, atMs })))
  const lows = await versionsAt(database, places)
  const highs = await versionsAt(
    database,
    places.map((place) => ({ ...place, atMs: place.atMs + 1 })),
  )
  const ranges = places.map(({ levelId }, index) => ({
    levelId,
    low: lows[index] ?? 1,
    high: highs[index] ?? 1,
  }))
  return (await readRows(database, id, ranges)).sort(asItHappened)
}

async function readRows(
  database: Database,
  id: string,
  ranges: readonly VersionRange[],
): Promise<JournalView[]> {
  const statement = readInRanges(
    database.schema,
    id,
    arrayOf(ranges.map(({ levelId }) => levelId)),
    arrayOf(ranges.map(({ low }) => low)),
    arrayOf(ranges.map(({ high }) => high)),
  )
  return (await read(database, statement)).map(toJournalView)
}

/** Every line from its beginning, and to its end if it has ended. */
function hasEnds(data: readonly JournalView[], { isHeld, levels }: Subject): boolean {
  const count = (isOne: (row: JournalView) => boolean) => data.filter(isOne).length
  const began = count(({ kind }) => kind === "held") === levels.length
  return began && (isHeld || count(({ kind }) => isEnd(kind)) === levels.length)
}

function isEnd(kind: JournalKind): boolean {
  return kind !== "held" && kind !== "extended"
}

/** Of one moment: it begins, is extended, ends; its lines by sku and location. */
function asItHappened(a: JournalView, b: JournalView): number {
  const stage = ({ kind }: JournalView) => (kind === "held" ? 0 : isEnd(kind) ? 2 : 1)
  const at = a.occurredAt.getTime() - b.occurredAt.getTime() || stage(a) - stage(b)
  if (at !== 0) return at
  if (a.sku !== b.sku) return a.sku < b.sku ? -1 : 1
  if (a.location !== b.location) return a.location < b.location ? -1 : 1
  return a.version - b.version
}
