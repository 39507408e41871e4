/** What Postgres would hold after a decision was written: the next snapshot. Shares only types with the engine. */
import type { Changes, Snapshot } from "../../src/core/decision/draft.ts"
import type { ReservationRecord, StockLevel } from "../../src/core/model.ts"

/** @param priorityOf the priority of a location, which a level that was made now stands at */
export function applyChanges(
  before: Snapshot,
  changes: Changes,
  priorityOf: (location: string) => number,
): Snapshot {
  const firstNewId = 1 + Math.max(0, ...before.levels.map((level) => level.id))
  const newIds = new Map(changes.madeLevels.map((level, index) => [level.id, firstNewId + index]))
  const withRealIds = (record: ReservationRecord): ReservationRecord => ({
    ...record,
    lines: record.lines.map((line) => ({ ...line, levelId: newIds.get(line.levelId) ?? line.levelId })),
  })
  const made = changes.madeLevels.map(({ id, sku, location }) => ({
    ...{ id, sku, location, priority: priorityOf(location) },
    ...{ onHand: 0, held: 0, safetyStock: 0, version: 0 },
  }))
  const levels = [...before.levels, ...made].map((level): StockLevel => {
    const change = changes.levels.find((candidate) => candidate.before.id === level.id)
    if (!change) return level
    return {
      ...level,
      id: newIds.get(level.id) ?? level.id,
      onHand: level.onHand + change.onHandDelta,
      held: level.held + change.heldDelta,
      safetyStock: change.safetyStock ?? level.safetyStock,
      version: level.version + change.versions,
    }
  })
  const changed = new Map(changes.reservations.map(({ after }) => [after.id, after]))
  return {
    ...before,
    levels,
    reservations: [
      ...before.reservations.map((record) => changed.get(record.id) ?? record),
      ...changes.newReservations,
    ].map(withRealIds),
    adjustments: [...before.adjustments, ...changes.newAdjustments],
    allotments: [
      ...before.allotments.filter(
        ({ levelId }) => !changes.allotments.some((one) => one.levelId === levelId),
      ),
      ...changes.allotments,
    ],
    revoked: new Map([
      ...before.revoked,
      ...changes.revocations.map(({ id, reason }) => [id, reason] as const),
    ]),
  }
}
