/** Holds what was told against what was granted. */
import type { EarmarkEvent } from "../../index.ts"

export interface Compared {
  /** Reservations that were granted and not told of, and versions that were left out. */
  readonly missing: number
  /** Told of, and granted to nobody. */
  readonly invented: number
  /** Told more than once. */
  readonly again: number
}

/** @param told events as JSON, of each item in order once those that came before are dropped */
export async function compare(told: AsyncIterable<string>, granted: ReadonlySet<string>): Promise<Compared> {
  const seen = new Set<string>()
  const reservations = new Set<string>()
  const versions = new Map<string, number>()
  const counts = { missing: 0, invented: 0, again: 0 }
  for await (const text of told) {
    const event = JSON.parse(text) as EarmarkEvent
    if (seen.has(event.id)) {
      counts.again += 1
      continue
    }
    seen.add(event.id)
    if (event.type !== "reservation.held") continue
    reservations.add(event.subject)
    if (!granted.has(event.subject)) counts.invented += 1
    for (const { sku, version } of event.data.lines) {
      const last = versions.get(sku)
      if (last !== undefined && version !== last + 1) counts.missing += 1
      versions.set(sku, version)
    }
  }
  for (const id of granted) if (!reservations.has(id)) counts.missing += 1
  return counts
}
