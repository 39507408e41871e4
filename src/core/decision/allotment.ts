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
  RevocationReason,
  RevokeLostCommand,
  RevokeLostOutcome,
} from "../allotments.ts"
import { availableOf, type Line, type ReservationRecord, type StockLevel } from "../model.ts"
import type { Draft } from "./draft.ts"
import { addHold } from "./hold.ts"

export function decideAllot(draft: Draft, command: AllotCommand): AllotOutcome {
  const level = levelOf(draft, command)
  const allotment = openAllotment(draft.allotment(level.id), { levelId: level.id, epoch: command.epoch })
  if (!allotment) return { outcome: "epoch_over" }
  const units = Math.min(command.allottedTotal - allotment.allottedTotal, availableOf(level))
  if (units <= 0) return { outcome: "allotted", allottedTotal: allotment.allottedTotal }
  draft.book.post(level.id, {
    kind: "allotted",
    heldDelta: units,
    atMs: draft.nowMs,
    allotted: allotment.units + units,
  })
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
 * after its shard has begun anew takes what is available, as any buyer; if that is too little it is revoked. One whose
 * idempotency key has made another reservation is revoked, and leaves its units with the shard.
 */
export function decidePersist(draft: Draft, { epoch, grants }: PersistCommand): PersistOutcome {
  const byId = new Map(grants.map((grant) => [grant.id, grant]))
  const asked = [...byId.values()]
  const fresh = asked.filter(({ id }) => !draft.reservation(id) && draft.revocationOf(id) === undefined)
  const revoke = (grant: Grant, reason: RevocationReason) =>
    draft.revoke({ id: grant.id, epoch, reason, grant })

  const claimed = claimedOf(draft, fresh)
  for (const grant of claimed) revoke(grant, "key_claimed")
  const kept = fresh.filter((grant) => !claimed.has(grant))
  const drawn = new Map<number, number>()
  const covered = new Set(kept.filter((grant) => draw(draft, { grant, epoch, drawn })))
  for (const [levelId, units] of drawn) {
    const allotment = draft.allotment(levelId) as AllotmentRecord
    const left = allotment.units - units
    draft.book.post(levelId, { kind: "drawn", heldDelta: -units, atMs: draft.nowMs, allotted: left })
    draft.setAllotment({ ...allotment, units: left })
  }
  // Those that have drawn come first: until they hold them, their units look available.
  for (const grant of covered) holdGrant(draft, grant)
  const late = kept.filter((grant) => !covered.has(grant) && !holdLate(draft, grant))
  for (const grant of late) revoke(grant, "late")
  return {
    outcome: "persisted",
    revokedIds: [...claimed, ...late].map(({ id }) => id),
    discardedIds: asked.map(({ id }) => id).filter((id) => draft.revocationOf(id) === "key_claimed"),
  }
}

/** Under the locks of their levels, as persisting is: whichever of the two comes later finds what the other has done. */
export function decideRevokeLost(draft: Draft, { epoch, grants }: RevokeLostCommand): RevokeLostOutcome {
  const revokedIds: string[] = []
  for (const grant of grants) {
    const { id } = grant
    if (draft.reservation(id) || draft.revocationOf(id) !== undefined) continue
    draft.revoke({ id, epoch, reason: "lost", grant })
    revokedIds.push(id)
  }
  return { outcome: "revoked", revokedIds }
}

/** Of two with one key the first one stands. */
function claimedOf(draft: Draft, grants: readonly Grant[]): Set<Grant> {
  const keys = new Set<string>()
  return new Set(
    grants.filter(({ key }) => {
      if (key === null) return false
      const isClaimed = keys.has(key.key) || draft.reservationByKey(key.key) !== undefined
      keys.add(key.key)
      return isClaimed
    }),
  )
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

/** False: too little is available. */
function holdLate(draft: Draft, grant: Grant): boolean {
  const short = linesOf(draft, grant).filter(
    ({ levelId, quantity }) => availableOf(draft.book.levelById(levelId)) < quantity,
  )
  for (const { levelId } of short) draft.unsettledLevelIds.add(levelId)
  if (short.length === 0) holdGrant(draft, grant)
  return short.length === 0
}

function holdGrant(draft: Draft, grant: Grant): void {
  draft.book.origin = grant.origin ?? null
  addHold(draft, recordOf(draft, grant))
}

function recordOf(draft: Draft, grant: Grant): ReservationRecord {
  return {
    id: grant.id,
    state: "held",
    customerId: grant.customerId,
    lines: linesOf(draft, grant),
    ttlSeconds: grant.ttlSeconds,
    createdAtMs: grant.createdAtMs,
    expiresAtMs: grant.createdAtMs + grant.ttlSeconds * 1000,
    updatedAtMs: grant.createdAtMs,
    reference: null,
    metadata: grant.metadata,
    idempotencyKey: grant.key?.key ?? null,
    fingerprint: grant.key?.fingerprint ?? null,
  }
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

function giveBack(draft: Draft, { levelId, units: had }: AllotmentRecord, units: number): void {
  draft.book.post(levelId, {
    kind: "given_back",
    heldDelta: -units,
    atMs: draft.nowMs,
    allotted: had - units,
  })
}

function levelOf(draft: Draft, { sku, location }: { sku: string; location: string }): StockLevel {
  const level = draft.book.level(sku, location)
  if (!level) throw new Error(`there is no stock level of ${sku} at ${location}`)
  return level
}

function add(units: Map<number, number>, levelId: number, quantity: number): void {
  units.set(levelId, (units.get(levelId) ?? 0) + quantity)
}
