/** Reads the feed: which entries come next, and what they tell of. */
import { EarmarkError } from "../../core/errors.ts"
import type { Change } from "../../core/events/changes.ts"
import {
  afterEntry,
  afterRead,
  type ChangedSkus,
  type FeedEntry,
  type FeedPlace,
  type FeedRead,
  type FeedScan,
  type FeedStore,
  isBehind,
} from "../../engine/feed-store.ts"
import type { Database } from "../database.ts"
import type { Reader } from "../reader.ts"
import { primaryReads, type Reads } from "../reads/informing.ts"
import {
  changesByEntry,
  changesStatement,
  levelsStatement,
  lostStatement,
  reservationsStatement,
  skusStatement,
  toBefore,
  toChanges,
  toLost,
} from "./changes.ts"
import {
  type EntryRow,
  entriesStatement,
  type FeedState,
  horizonStatement,
  lagStatement,
  nowStatement,
  stateStatement,
  toEntries,
  toFeedState,
  toNow,
} from "./entries.ts"

type Row = Record<string, unknown>

export function createFeedStore(database: Database, reads: Reads = primaryReads(database)): FeedStore {
  const { schema } = database
  return {
    // Of the primary: after it comes whatever happens from now on.
    async now() {
      // What is missed was taken before, so that the ids of those who may still fill it come before the next one read after.
      const [found = [], horizon = []] = await reads.primary.run([
        nowStatement(schema),
        horizonStatement(schema),
      ])
      return toNow(found[0], toHorizon(horizon))
    },
    async read(place, rowsMax) {
      try {
        const { value, asOf } = await reads.inform(
          (reader) => readEntries(reader, place, rowsMax),
          (read) => !isBehind(read),
        )
        return { ...value, asOf }
      } catch (error) {
        throw isRewound(error) ? await rewoundOrEarly(reads, place, error) : error
      }
    },
    // Of the primary: what is changed is then read, and must not be as it was.
    changedSkus: (place, rowsMax) => readChangedSkus(reads.primary, place, rowsMax),
    async lagSeconds(place) {
      const [found = []] = await reads.primary.run([lagStatement(schema, place)])
      return Math.max(0, Number(found[0]?.["seconds"] ?? 0))
    },
  }
}

/**
 * A commit is to be seen on a replica when it is written down, and on the primary once it is answered, which may take as long
 * as another replica lets it wait. Who was told of it by the one may ask the other before that.
 */
async function rewoundOrEarly(reads: Reads, place: FeedPlace, rewound: EarmarkError): Promise<EarmarkError> {
  const isThere = await reads.isSeenByReplica(async (reader) => {
    const [found = []] = await reader.run([stateStatement(reader.schema, place.position)])
    return toFeedState(found[0] ?? {}).markFound === place.mark
  })
  if (!isThere) return rewound
  return new EarmarkError(
    "unavailable",
    "A read replica has told of a change whose commit is still waiting on the primary; ask again.",
    { notApplied: true, cause: rewound },
  )
}

function isRewound(error: unknown): error is EarmarkError {
  return error instanceof EarmarkError && error.code === "events_rewound"
}

async function readEntries(reader: Reader, place: FeedPlace, rowsMax: number): Promise<FeedRead> {
  const { schema } = reader
  const found = await scan(reader, place, rowsMax)
  const { entries } = found
  if (entries.length === 0) return { ...found, entries: [], before: new Map() }
  const [changes = [], levels = [], lost = []] = await reader.run([
    changesStatement(schema, entries),
    levelsStatement(schema, firstVersionsOf(entries)),
    lostStatement(schema, entries),
  ])
  const [reservations = []] = await reader.run([reservationsStatement(schema, changes)])
  const told = toChanges({ changes, levels, reservations })
  return { ...found, entries: toFeedEntries(entries, told, lost), before: toBefore(levels) }
}

async function readChangedSkus(reader: Reader, place: FeedPlace, rowsMax: number): Promise<ChangedSkus> {
  const found = await scan(reader, place, rowsMax)
  const { entries, horizonXid, isAll } = found
  const next = afterRead(
    entries.reduce((passed, entry) => afterEntry(passed, entry, horizonXid), found.from),
    found,
  )
  const levels = new Set(entries.flatMap(({ levelIds }) => levelIds))
  if (levels.size === 0) return { skus: [], next, isAll }
  const [rows = []] = await reader.run([skusStatement(reader.schema, levels)])
  return { skus: rows.map((row) => String(row["sku"])), next, isAll }
}

type Scanned = Omit<FeedScan, "entries"> & { readonly entries: readonly EntryRow[] }

async function scan(reader: Reader, place: FeedPlace, rowsMax: number): Promise<Scanned> {
  const { schema } = reader
  // In this order: who had ended was seen before the gaps that nobody may fill any more, and who may fill new ones after them.
  const [before = [], rows = [], horizon = []] = await reader.run([
    stateStatement(schema, place.position),
    entriesStatement(schema, place, rowsMax),
    horizonStatement(schema),
  ])
  const state = toFeedState(before[0] ?? {})
  checkPlace(place, state)
  const entries = toEntries(rows)
  return {
    entries,
    from: { ...place, position: Math.max(place.position, state.droppedThrough) },
    oldestXid: state.oldestXid,
    horizonXid: toHorizon(horizon),
    isAll: entries.length === Number(rows[0]?.["found"] ?? 0) && entries.length < rowsMax,
  }
}

function checkPlace({ position, mark }: FeedPlace, { markFound, droppedThrough }: FeedState): void {
  if (position > droppedThrough && (mark === null || mark !== markFound)) {
    throw new EarmarkError(
      "events_rewound",
      "The database was restored: events that were told from here may be undone, and others have taken their places.",
    )
  }
  if (position > 0 && position < droppedThrough) {
    throw new EarmarkError(
      "events_dropped",
      "Some of the events after this cursor are older than what is kept.",
    )
  }
}

/** Of each level, the first version that is told of. */
function firstVersionsOf(entries: readonly EntryRow[]): Map<number, number> {
  const first = new Map<number, number>()
  for (const { levelIds, firstVersions } of entries) {
    for (const [index, id] of levelIds.entries()) if (!first.has(id)) first.set(id, firstVersions[index] ?? 0)
  }
  return first
}

function toFeedEntries(
  entries: readonly EntryRow[],
  changes: readonly Change[],
  lost: readonly Row[],
): FeedEntry[] {
  const changesOf = changesByEntry(entries, changes)
  const lostById = new Map(lost.map((row) => [String(row["id"]), toLost(row)]))
  return entries.map(({ position, mark, writtenAtMs, revokedIds }, index) => ({
    position,
    mark,
    writtenAtMs,
    changes: changesOf[index] ?? [],
    lost: revokedIds.flatMap((id) => lostById.get(id) ?? []),
  }))
}

function toHorizon(rows: readonly Row[]): string {
  return String(rows[0]?.["horizon_xid"])
}
