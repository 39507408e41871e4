/** Explanations as the wire carries them: who holds what is told by one of two routes only. */
import type { ExplainedLevel, ExplainedLine, Explanation } from "../core/explanation.ts"
import type { WireExplanation, WireExplanationWithHolders } from "../protocol/explain.ts"

export function explanationToWire(explanation: Explanation): WireExplanation {
  return toWire(explanation, levelToWire)
}

export function explanationWithHoldersToWire(explanation: Explanation): WireExplanationWithHolders {
  return toWire(explanation, (level) => ({
    ...levelToWire(level),
    holders: level.holders.map((holder) => ({ ...holder, expiresAt: holder.expiresAt.toISOString() })),
  }))
}

function toWire<Level>(
  { wouldSucceed, asOf, lines }: Explanation,
  toLevel: (level: ExplainedLevel) => Level,
) {
  return {
    wouldSucceed,
    asOf: asOf.toISOString(),
    lines: lines.map((line) => ({ ...lineToWire(line), locations: line.locations.map(toLevel) })),
  }
}

function lineToWire({ sku, location, requested, available, missing, nextExpiry, enoughAt }: ExplainedLine) {
  return {
    sku,
    location,
    requested,
    available,
    missing,
    nextExpiry: nextExpiry && { at: nextExpiry.at.toISOString(), units: nextExpiry.units },
    enoughAt: enoughAt?.toISOString() ?? null,
  }
}

function levelToWire({ location, onHand, held, safetyStock, allotted, available, holds }: ExplainedLevel) {
  return { location, onHand, held, safetyStock, allotted, available, holds }
}
