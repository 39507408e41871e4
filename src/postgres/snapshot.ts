/**
 * Reads what a batch of commands is decided over, in one round trip, in the lock order that everything here keeps:
 * reservations by id, then stock levels by sku and location, then keys. Keys are read in the statement after the
 * levels: twins meet at the level, so the later one finds the earlier one's key (promise S4). The clock is read last,
 * in a statement of its own: after a lock that was waited for, an earlier reading would be stale (promise S5).
 */
import type { Command, ReserveCommand, StockCommand } from "../core/commands.ts"
import type { AdjustmentRecord, Snapshot } from "../core/decision/draft.ts"
import type { StockLevel } from "../core/model.ts"
import type { Result } from "./connection.ts"
import { linesById, readLines } from "./lines.ts"
import {
  levelOf,
  milliseconds,
  RESERVATION_COLUMNS,
  textOrNull,
  toReservation,
  toStockLevel,
} from "./rows.ts"
import { arrayOf, defineStatement, type Statement } from "./statement.ts"
import type { Session } from "./transaction.ts"

export interface LoadOptions {
  readonly schema: string
  /** Whether stock levels are locked until the transaction ends. Reservations named by a command always are. */
  readonly lockLevels: boolean
  /** An earlier try may have gone through: look for what it would have made. */
  readonly resuming: boolean
}

const lockReservations = defineStatement<[ids: string]>(
  "lock_reservations",
  `select ${RESERVATION_COLUMNS}
   from earmark.reservations r
   where r.id = any($1::uuid[])
   order by r.id
   for update`,
)

/**
 * The levels that a batch touches: every location of the skus that may be served from anywhere, the levels named
 * outright, and those of the lines of named holds. The ids are gathered first, by index, whatever the statistics say.
 */
const LEVELS = `
   select s.id, s.sku, s.location, p.priority, s.on_hand, s.held, s.safety_stock, s.version
   from earmark.stock_levels s
   join earmark.locations p on p.code = s.location
   where s.id = any(array(
     select a.id from earmark.stock_levels a where a.sku = any($1::text[])
     union all
     select (select e.id from earmark.stock_levels e where e.sku = n.sku and e.location = n.location)
     from unnest($2::text[], $3::text[]) as n(sku, location)
     union all
     select l.stock_level_id
     from earmark.reservation_lines l
     where l.reservation_id = any($4::uuid[]) and l.held_until is not null
   ))
   order by s.sku, s.location`
type LevelValues = [anywhereSkus: string[], skus: string[], locations: string[], reservationIds: string]
const readLevels = defineStatement<LevelValues>("read_levels", LEVELS)
const lockLevels = defineStatement<LevelValues>("lock_levels", `${LEVELS} for update of s`)

const readKeys = defineStatement<[keys: string[]]>(
  "read_keys",
  `select ${RESERVATION_COLUMNS}
   from earmark.reservations r
   where r.idempotency_key = any($1::text[])`,
)

const readMade = defineStatement<[ids: string]>(
  "read_made",
  `select ${RESERVATION_COLUMNS}
   from earmark.reservations r
   where r.id = any($1::uuid[])`,
)

const readAdjustments = defineStatement<[ids: string, keys: string[]]>(
  "read_adjustments",
  `select a.id::text as id, s.sku, s.location, a.delta, a.idempotency_key, a.fingerprint
   from earmark.adjustments a
   ${levelOf("a.stock_level_id")}
   where a.id = any($1::uuid[]) or a.idempotency_key = any($2::text[])`,
)

const readClock = defineStatement<[]>("read_clock", `select ${milliseconds("clock_timestamp()")} as now_ms`)

const readKnown = defineStatement<[skus: string[], codes: string[]]>(
  "read_known",
  `select sku, null as code, null as priority from earmark.items where sku = any($1::text[])
   union all
   select null, code, priority from earmark.locations where code = any($2::text[])`,
)

export async function loadSnapshot(
  session: Session,
  commands: readonly Command[],
  options: LoadOptions,
): Promise<Snapshot> {
  const { schema } = options
  const named = collect(commands, options.resuming)
  const ids = arrayOf(named.reservationIds)
  const levels = options.lockLevels ? lockLevels : readLevels
  const reads = new Reads()
  const reservations = named.reservationIds.length > 0 ? reads.add(lockReservations(schema, ids)) : null
  const lines = named.reservationIds.length > 0 ? reads.add(readLines(schema, ids)) : null
  const levelRows = reads.add(levels(schema, named.anywhereSkus, named.skus, named.locations, ids))
  const keyed = named.keys.length > 0 ? reads.add(readKeys(schema, named.keys)) : null
  // What an earlier try made is looked for after the levels too: if it took the last unit, its commit may still have
  // been under way when we came to wait for them.
  const made = named.madeIds.length > 0 ? reads.add(readMade(schema, arrayOf(named.madeIds))) : null
  const adjusted = named.adjusts
    ? reads.add(readAdjustments(schema, arrayOf(named.adjustmentIds), named.adjustmentKeys))
    : null
  const clock = reads.add(readClock(schema))
  const results = await session.run(reads.statements)
  const rowsOf = (index: number | null) => (index === null ? [] : (results[index]?.rows ?? []))

  // A reservation that was named too has its lines already: with them twice, ending it would give its units back twice.
  const namedIds = new Set(named.reservationIds)
  const storedRows = [...rowsOf(keyed), ...rowsOf(made)].filter((row) => !namedIds.has(String(row["id"])))
  const lineRows = [...rowsOf(lines), ...(await readLinesOf(session, schema, storedRows))]
  const linesOf = linesById(lineRows)
  const found = rowsOf(levelRows).map(toStockLevel)
  return {
    nowMs: Number(rowsOf(clock)[0]?.["now_ms"]),
    levels: found,
    reservations: uniqueById([...storedRows, ...rowsOf(reservations)]).map((row) =>
      toReservation(row, linesOf.get(String(row["id"])) ?? []),
    ),
    adjustments: rowsOf(adjusted).map(toAdjustment),
    ...(await readMissing(session, schema, { commands, found })),
  }
}

class Reads {
  readonly statements: Statement[] = []
  add(statement: Statement): number {
    return this.statements.push(statement) - 1
  }
}

interface Named {
  readonly reservationIds: string[]
  readonly anywhereSkus: string[]
  readonly skus: string[]
  readonly locations: string[]
  readonly keys: string[]
  /** Ids that this process made and may have stored in an earlier try. */
  readonly madeIds: string[]
  readonly adjusts: boolean
  readonly adjustmentIds: string[]
  readonly adjustmentKeys: string[]
}

/** What the commands name. Ids that this process made are looked up only when an earlier try may have stored them. */
function collect(commands: readonly Command[], resuming: boolean): Named {
  const reservationIds = new Set<string>()
  const anywhere = new Set<string>()
  const pairs = new Map<string, { sku: string; location: string }>()
  const keys = new Set<string>()
  const madeIds: string[] = []
  const adjusts: StockCommand[] = []
  const name = (sku: string, location: string) => pairs.set(`${sku} ${location}`, { sku, location })
  const nameReserve = (command: ReserveCommand) => {
    for (const { sku, location } of command.lines) {
      if (location === null) anywhere.add(sku)
      else name(sku, location)
    }
    if (command.key) keys.add(command.key.key)
    if (command.replaces) reservationIds.add(command.replaces)
    if (resuming) madeIds.push(command.id)
  }
  for (const command of commands) {
    if (command.kind === "reserve") nameReserve(command)
    else if (command.kind === "adjust" || command.kind === "set_safety_stock") {
      name(command.sku, command.location)
      adjusts.push(command)
    } else reservationIds.add(command.id)
  }
  const claimed = adjusts.filter((command) => command.kind === "adjust")
  return {
    reservationIds: [...reservationIds],
    anywhereSkus: [...anywhere],
    skus: [...pairs.values()].map((pair) => pair.sku),
    locations: [...pairs.values()].map((pair) => pair.location),
    keys: [...keys],
    madeIds,
    adjusts: claimed.length > 0,
    adjustmentIds: claimed.map((command) => command.id),
    adjustmentKeys: claimed.flatMap((command) => (command.key ? [command.key.key] : [])),
  }
}

async function readLinesOf(session: Session, schema: string, rows: Result["rows"]): Promise<Result["rows"]> {
  if (rows.length === 0) return []
  const [result] = await session.run([readLines(schema, arrayOf(rows.map((row) => String(row["id"]))))])
  return result?.rows ?? []
}

/** Where no level was found, the item or the location may not exist at all. */
async function readMissing(
  session: Session,
  schema: string,
  { commands, found }: { commands: readonly Command[]; found: readonly StockLevel[] },
): Promise<Pick<Snapshot, "knownSkus" | "knownLocations">> {
  const foundSkus = new Set(found.map((level) => level.sku))
  const foundLocations = new Set(found.map((level) => level.location))
  const skus = new Set<string>()
  const locations = new Set<string>()
  const check = (sku: string, location: string | null) => {
    if (!foundSkus.has(sku)) skus.add(sku)
    if (location !== null && !foundLocations.has(location)) locations.add(location)
  }
  for (const command of commands) {
    if (command.kind === "reserve") for (const line of command.lines) check(line.sku, line.location)
    else if (command.kind === "adjust" || command.kind === "set_safety_stock")
      check(command.sku, command.location)
  }
  if (skus.size + locations.size === 0) return { knownSkus: skus, knownLocations: new Map() }
  const [result] = await session.run([readKnown(schema, [...skus], [...locations])])
  const rows = result?.rows ?? []
  return {
    knownSkus: new Set(rows.flatMap((row) => textOrNull(row["sku"]) ?? [])),
    knownLocations: new Map(
      rows.flatMap((row) => (row["code"] === null ? [] : [[String(row["code"]), Number(row["priority"])]])),
    ),
  }
}

/** A reservation may be found both by its key and by the id that an earlier try gave it. */
function uniqueById(rows: Result["rows"]): Result["rows"] {
  return [...new Map(rows.map((row) => [String(row["id"]), row])).values()]
}

function toAdjustment(row: Record<string, unknown>): AdjustmentRecord {
  return {
    id: String(row["id"]),
    sku: String(row["sku"]),
    location: String(row["location"]),
    delta: Number(row["delta"]),
    idempotencyKey: textOrNull(row["idempotency_key"]),
    fingerprint: textOrNull(row["fingerprint"]),
  }
}
