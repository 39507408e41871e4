/** What passes between a stock level and the shard of Redis that sells some of its units. */
import type {
  AllotCommand,
  AllotmentRecord,
  AllotOutcome,
  CloseAllotmentCommand,
  CloseAllotmentOutcome,
  GiveBackCommand,
  GiveBackOutcome,
  Grant,
  PersistCommand,
  PersistOutcome,
} from "../allotments.ts"
import { availableOf, type Line, type StockLevel } from "../model.ts"
import type { Draft } from "./draft.ts"
import { addHold } from "./hold.ts"

export function decideAllot(draft: Draft, command: AllotCommand): AllotOutcome {
  const level = levelOf(draft, command)
  const allotment = openAllotment(draft.allotment(level.id), { levelId: level.id, epoch: command.epoch })
  if (!allotment) return { outcome: "epoch_over" }
  const units = Math.min(command.allottedTotal - allotment.allottedTotal, availableOf(level))
  if (units <= 0) return { outcome: "allotted", allottedTotal: allotment.allottedTotal }
  draft.book.post(level.id, { kind: "allotted", heldDelta: units, atMs: draft.nowMs })
  const allottedTotal = allotment.allottedTotal + units
  draft.setAllotment({ ...allotment, units: allotment.units + units, allottedTotal })
  return { outcome: "allotted", allottedTotal }
}

export function decideGiveBack(draft: Draft, command: GiveBackCommand): GiveBackOutcome {
  const level = levelOf(draft, command)
  const allotment = draft.allotment(level.id)
  if (allotment?.epoch !== command.epoch) return { outcome: "epoch_over" }
  const units = command.returnedTotal - allotment.returnedTotal
  if (units > 0) {
    giveBack(draft, allotment, units)
    draft.setAllotment({
      ...allotment,
      units: allotment.units - units,
      returnedTotal: command.returnedTotal,
    })
  }
  return { outcome: "given_back" }
}

export function decideCloseAllotment(draft: Draft, command: CloseAllotmentCommand): CloseAllotmentOutcome {
  const level = levelOf(draft, command)
  const allotment = draft.allotment(level.id)
  if (!allotment || allotment.epoch === command.epoch) return { outcome: "closed", units: 0 }
  if (allotment.epoch > command.epoch) return { outcome: "epoch_over" }
  if (allotment.units > 0) giveBack(draft, allotment, allotment.units)
  draft.setAllotment(emptyAllotment(level.id, command.epoch))
  return { outcome: "closed", units: allotment.units }
}

/**
 * A grant is covered when its units are still the shard's: it draws them, and holds them as a reservation. One that comes
 * after its shard has begun anew takes what is available, as any buyer; if that is too little it is revoked.
 */
export function decidePersist(draft: Draft, { epoch, grants }: PersistCommand): PersistOutcome {
  const byId = new Map(grants.map((grant) => [grant.id, grant]))
  const fresh = [...byId.values()].filter(({ id }) => !draft.reservation(id) && !draft.isRevoked(id))
  const drawn = new Map<number, number>()
  const covered = new Set(fresh.filter((grant) => draw(draft, { grant, epoch, drawn })))
  for (const [levelId, units] of drawn) {
    draft.book.post(levelId, { kind: "drawn", heldDelta: -units, atMs: draft.nowMs })
    const allotment = draft.allotment(levelId) as AllotmentRecord
    draft.setAllotment({ ...allotment, units: allotment.units - units })
  }
  // Those that have drawn come first: until they hold them, their units look available.
  const late = fresh.filter((grant) => !covered.has(grant))
  const revokedIds = [...covered, ...late].flatMap((grant) => {
    const reason = keep(draft, grant, covered.has(grant))
    if (reason === null) return []
    draft.revoke({ id: grant.id, epoch, reason, grant })
    return [grant.id]
  })
  return { outcome: "persisted", revokedIds }
}

function draw(
  draft: Draft,
  { grant, epoch, drawn }: { grant: Grant; epoch: number; drawn: Map<number, number> },
): boolean {
  const lines = linesOf(draft, grant)
  const isCovered = lines.every(({ levelId, quantity }) => {
    const allotment = draft.allotment(levelId)
    return allotment?.epoch === epoch && allotment.units - (drawn.get(levelId) ?? 0) >= quantity
  })
  if (isCovered) for (const { levelId, quantity } of lines) add(drawn, levelId, quantity)
  return isCovered
}

/** Null: it is a hold now. */
function keep(draft: Draft, grant: Grant, isCovered: boolean): "late" | "key_claimed" | null {
  if (grant.key && draft.reservationByKey(grant.key.key)) return "key_claimed"
  const lines = linesOf(draft, grant)
  if (!isCovered) {
    const short = lines.filter(
      ({ levelId, quantity }) => availableOf(draft.book.levelById(levelId)) < quantity,
    )
    for (const { levelId } of short) draft.unsettledLevelIds.add(levelId)
    if (short.length > 0) return "late"
  }
  addHold(draft, {
    id: grant.id,
    state: "held",
    customerId: grant.customerId,
    lines,
    ttlSeconds: grant.ttlSeconds,
    createdAtMs: grant.createdAtMs,
    expiresAtMs: grant.createdAtMs + grant.ttlSeconds * 1000,
    updatedAtMs: grant.createdAtMs,
    reference: null,
    metadata: grant.metadata,
    idempotencyKey: grant.key?.key ?? null,
    fingerprint: grant.key?.fingerprint ?? null,
  })
  return null
}

/** One for each level, whatever the grant says. */
function linesOf(draft: Draft, grant: Grant): Line[] {
  const byLevel = new Map<number, Line>()
  for (const line of grant.lines) {
    const levelId = levelOf(draft, line).id
    const quantity = line.quantity + (byLevel.get(levelId)?.quantity ?? 0)
    byLevel.set(levelId, { ...line, levelId, quantity })
  }
  return [...byLevel.values()]
}

/** The allotment as it is in that epoch; none when it belongs to another that is not over. */
function openAllotment(
  stored: AllotmentRecord | undefined,
  { levelId, epoch }: { levelId: number; epoch: number },
): AllotmentRecord | undefined {
  if (stored?.epoch === epoch) return stored
  const isOver = !stored || (stored.epoch < epoch && stored.units === 0)
  return isOver ? emptyAllotment(levelId, epoch) : undefined
}

function emptyAllotment(levelId: number, epoch: number): AllotmentRecord {
  return { levelId, epoch, units: 0, allottedTotal: 0, returnedTotal: 0 }
}

function giveBack(draft: Draft, { levelId }: AllotmentRecord, units: number): void {
  draft.book.post(levelId, { kind: "given_back", heldDelta: -units, atMs: draft.nowMs })
}

function levelOf(draft: Draft, { sku, location }: { sku: string; location: string }): StockLevel {
  const level = draft.book.level(sku, location)
  if (!level) throw new Error(`there is no stock level of ${sku} at ${location}`)
  return level
}

function add(units: Map<number, number>, levelId: number, quantity: number): void {
  units.set(levelId, (units.get(levelId) ?? 0) + quantity)
}
