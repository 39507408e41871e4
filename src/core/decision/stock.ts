/** Receive and adjust, and the safety stock: what an operator does to one stock level. */
import type {
  AdjustCommand,
  AdjustOutcome,
  NotFoundAnswer,
  SetSafetyStockCommand,
  SetSafetyStockOutcome,
} from "../commands.ts"
import { ON_HAND_MAX } from "../limits.ts"
import { type StockLevel, type StockLevelView, viewStockLevel } from "../model.ts"
import type { AdjustmentRecord, Draft } from "./draft.ts"

export function decideAdjust(draft: Draft, command: AdjustCommand): AdjustOutcome {
  const made = draft.adjustment(command.id, command.key?.key)
  if (made) return answerMade(draft, made, command)
  const missing = missingOf(draft, command)
  if (missing) return missing

  const { id, sku, location, delta, reason, reference, key } = command
  const level = settledLevel(draft, sku, location)
  const onHand = (level?.onHand ?? 0) + delta
  if (onHand < (level?.held ?? 0)) {
    return { outcome: "stock_below_held", level: view(draft, level ?? emptyLevel(sku, location)) }
  }
  if (onHand > ON_HAND_MAX) {
    const message = `onHand would be ${onHand}; at most ${ON_HAND_MAX} units can be on hand`
    return { outcome: "invalid_request", errors: [{ pointer: "/delta", message }] }
  }
  const levelId = (level ?? draft.makeLevel(sku, location)).id
  draft.book.post(levelId, {
    kind: "adjusted",
    adjustmentId: id,
    onHandDelta: delta,
    atMs: draft.nowMs,
    reason,
    reference,
  })
  draft.addAdjustment({
    id,
    sku,
    location,
    delta,
    idempotencyKey: key?.key ?? null,
    fingerprint: key?.fingerprint ?? null,
  })
  return { outcome: "adjusted", level: view(draft, draft.book.levelById(levelId)) }
}

export function decideSafetyStock(draft: Draft, command: SetSafetyStockCommand): SetSafetyStockOutcome {
  const missing = missingOf(draft, command)
  if (missing) return missing
  const { sku, location, safetyStock } = command
  const level = settledLevel(draft, sku, location) ?? draft.makeLevel(sku, location)
  if (level.safetyStock !== safetyStock || level.version === 0) {
    draft.book.post(level.id, { kind: "safety_stock_set", safetyStock, atMs: draft.nowMs })
  }
  return { outcome: "changed", level: view(draft, draft.book.levelById(level.id)) }
}

function answerMade(draft: Draft, made: AdjustmentRecord, command: AdjustCommand): AdjustOutcome {
  const level = settledLevel(draft, made.sku, made.location)
  if (made.id !== command.id) {
    const { key } = command
    if (!key || made.fingerprint === null || !key.accepts.includes(made.fingerprint)) {
      return { outcome: "idempotency_key_reused", key: key?.key ?? "" }
    }
  }
  // A replay shows the level as it stands now. Same meaning, same sku and location, so the level was read.
  const shown = view(draft, level ?? emptyLevel(made.sku, made.location))
  return { outcome: made.id === command.id ? "adjusted" : "replayed", level: shown }
}

function missingOf(
  draft: Draft,
  { sku, location }: { sku: string; location: string },
): NotFoundAnswer | undefined {
  if (!draft.knowsSku(sku)) return { outcome: "item_not_found", sku }
  if (!draft.knowsLocation(location)) return { outcome: "location_not_found", location }
  return undefined
}

/** A level whose balance is acted on and shown: nothing overdue may be left in it (promise L1). */
function settledLevel(draft: Draft, sku: string, location: string): StockLevel | undefined {
  const level = draft.book.level(sku, location)
  if (level) draft.unsettledLevelIds.add(level.id)
  return level
}

function view(draft: Draft, level: StockLevel): StockLevelView {
  return viewStockLevel(level, draft.allotment(level.id)?.units ?? 0)
}

function emptyLevel(sku: string, location: string): StockLevel {
  return { id: 0, sku, location, priority: 0, onHand: 0, held: 0, safetyStock: 0, version: 0 }
}
