/**
 * Reads what a batch of commands is decided over, in one round trip, in the lock order that everything here keeps:
 * reservations by id, then stock levels by sku and location, then keys. Keys are read in the statement after the
 * levels: twins meet at the level, so the later one finds the earlier one's key (promise S4). The clock is read last,
 * in a statement of its own: after a lock that was waited for, an earlier reading would be stale (promise S5).
 */
import type { Grant } from "../core/allotments.ts"
import type { AdjustCommand, Command, ReserveCommand } from "../core/commands.ts"
import type { AdjustmentRecord, Snapshot } from "../core/decision/draft.ts"
import type { StockLevel } from "../core/model.ts"
import { digestOf } from "../engine/digest.ts"
import { type IdValues, idValues } from "./id-range.ts"
import { type LevelNames, readLevelNames, toLevelNames, toLines } from "./lines.ts"
import { OPEN_PERIOD } from "./periods/open-period.ts"
import { readAllotments, readRevoked, toAllotment, toRevoked } from "./reads/allotments.ts"
import {
  type Claim,
  levelOf,
  milliseconds,
  RESERVATION_COLUMNS,
  textOrNull,
  toReservation,
  toStockLevel,
} from "./rows.ts"
import { arrayOf, defineStatement, type Statement, type StatementResult } from "./statement.ts"
import { readTouchedLevels } from "./touched-levels.ts"
import type { Session } from "./transaction.ts"

export interface LoadOptions {
  readonly schema: string
  /** Whether stock levels are locked until the transaction ends. Reservations named by a command always are. */
  readonly lockLevels: boolean
  /** An earlier try may have gone through: look for what it would have made. */
  readonly resuming: boolean
}

const RESERVATIONS = `
   select ${RESERVATION_COLUMNS}
   from earmark.reservations r
   where r.id = any($1::uuid[])
     and r.id between $2::uuid and $3::uuid`
const lockReservations = defineStatement<IdValues>(
  "lock_reservations",
  `${RESERVATIONS}
   order by r.id
   for update`,
)
const readMade = defineStatement<IdValues>("read_made", RESERVATIONS)

/**
 * The period whose keys are about to be read, in a statement before them: a key that is found to be free is claimed in
 * this very period, and refused if it has been closed meanwhile. Else a twin could have claimed it in between.
 */
const readOpenPeriod = defineStatement<[]>("read_open_period", `select ${OPEN_PERIOD} as period`)

const readKeys = defineStatement<[digests: string]>(
  "read_keys",
  `select ${RESERVATION_COLUMNS}, k.digest::text as digest, k.fingerprint::text as fingerprint
   from earmark.idempotency_keys k
   cross join lateral (select * from earmark.reservations where id = k.reservation_id limit 1) r
   where k.digest = any($1::uuid[])`,
)

const readAdjustments = defineStatement<[ids: string, keys: string[]]>(
  "read_adjustments",
  `select a.id::text as id, s.sku, s.location, a.delta, a.idempotency_key, a.fingerprint::text as fingerprint
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

export interface LoadedSnapshot extends Snapshot {
  /** Where keys that were found to be free are to be claimed; 0 where no key was looked for. */
  readonly keyPeriod: number
}

export async function loadSnapshot(
  session: Session,
  commands: readonly Command[],
  options: LoadOptions,
): Promise<LoadedSnapshot> {
  const { schema } = options
  const named = collect(commands, options.resuming)
  const ids = idValues(named.reservationIds)
  const keyOfDigest = new Map(named.keys.map((key) => [digestOf(key), key]))
  const reads = new Reads()
  const reservations = named.reservationIds.length > 0 ? reads.add(lockReservations(schema, ...ids)) : null
  const levelRows = reads.add(readTouchedLevels(schema, named, options.lockLevels))
  const period = named.keys.length > 0 ? reads.add(readOpenPeriod(schema)) : null
  const keyed = named.keys.length > 0 ? reads.add(readKeys(schema, arrayOf([...keyOfDigest.keys()]))) : null
  // What an earlier try made is looked for after the levels too: if it took the last unit, its commit may still have
  // been under way when we came to wait for them.
  const { madeIds } = named
  const made = madeIds.length > 0 ? reads.add(readMade(schema, ...idValues(madeIds))) : null
  const adjusted = named.adjusts
    ? reads.add(readAdjustments(schema, arrayOf(named.adjustmentIds), named.adjustmentKeys))
    : null
  const allotted = named.allotments ? reads.add(readAllotments(schema, named.skus, named.locations)) : null
  const revoked = named.grantIds.length > 0 ? reads.add(readRevoked(schema, arrayOf(named.grantIds))) : null
  const clock = reads.add(readClock(schema))
  const results = await session.run(reads.statements)
  const rowsOf = (index: number | null) => (index === null ? [] : (results[index]?.rows ?? []))

  const stored = uniqueById([...rowsOf(keyed), ...rowsOf(made), ...rowsOf(reservations)])
  const claims = new Map(rowsOf(keyed).map((row) => [String(row["id"]), toClaim(row, keyOfDigest)]))
  const found = rowsOf(levelRows).map(toStockLevel)
  const names = await nameLevels(session, schema, { found, stored })
  return {
    nowMs: Number(rowsOf(clock)[0]?.["now_ms"]),
    levels: found,
    reservations: stored.map((row) => toReservation(row, toLines(row, names), claims.get(String(row["id"])))),
    adjustments: rowsOf(adjusted).map(toAdjustment),
    allotments: rowsOf(allotted).map(toAllotment),
    revoked: new Map(rowsOf(revoked).map(toRevoked)),
    keyPeriod: Number(rowsOf(period)[0]?.["period"] ?? 0),
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
  /** Ids that an earlier try may have stored, and those of grants, which somebody else may have persisted. */
  readonly madeIds: string[]
  readonly grantIds: string[]
  /** What is allotted of the levels that are named matters. */
  readonly allotments: boolean
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
  const grantIds: string[] = []
  const adjusts: AdjustCommand[] = []
  let allotments = false
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
  const nameGrant = ({ id, lines }: Grant) => {
    for (const { sku, location } of lines) name(sku, location)
    grantIds.push(id)
  }
  for (const command of commands) {
    switch (command.kind) {
      case "reserve":
        nameReserve(command)
        break
      case "confirm":
      case "release":
      case "extend":
      case "expire":
        reservationIds.add(command.id)
        break
      case "persist":
        command.grants.forEach(nameGrant)
        for (const { key } of command.grants) if (key) keys.add(key.key)
        allotments = true
        break
      case "revoke_lost":
        command.grants.forEach(nameGrant)
        break
      default:
        name(command.sku, command.location)
        allotments = true
        if (command.kind === "adjust") adjusts.push(command)
    }
  }
  return {
    reservationIds: [...reservationIds],
    anywhereSkus: [...anywhere],
    skus: [...pairs.values()].map((pair) => pair.sku),
    locations: [...pairs.values()].map((pair) => pair.location),
    keys: [...keys],
    madeIds: [...madeIds, ...grantIds],
    grantIds,
    allotments,
    adjusts: adjusts.length > 0,
    adjustmentIds: adjusts.map((command) => command.id),
    adjustmentKeys: adjusts.flatMap((command) => (command.key ? [command.key.key] : [])),
  }
}

/** What the levels of these reservations are called; those of holds were read with the batch's own. */
async function nameLevels(
  session: Session,
  schema: string,
  { found, stored }: { found: readonly StockLevel[]; stored: StatementResult["rows"] },
): Promise<LevelNames> {
  const known: LevelNames = new Map(found.map((level) => [level.id, level]))
  const missing = readLevelNames(schema, stored, known)
  if (missing === null) return known
  const [result] = await session.run([missing])
  return new Map([...known, ...toLevelNames(result?.rows ?? [])])
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
    else if (command.kind === "adjust" || command.kind === "set_safety_stock") {
      check(command.sku, command.location)
    }
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
function uniqueById(rows: StatementResult["rows"]): StatementResult["rows"] {
  return [...new Map(rows.map((row) => [String(row["id"]), row])).values()]
}

/** Keys are stored as digests; what they stand for is known from the commands that claim them. */
function toClaim(row: Record<string, unknown>, keyOfDigest: ReadonlyMap<string, string>): Claim {
  return {
    idempotencyKey: keyOfDigest.get(String(row["digest"])) ?? null,
    fingerprint: textOrNull(row["fingerprint"]),
  }
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
