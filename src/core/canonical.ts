/** One text for one meaning: JSON with sorted members, so that member order and white space do not matter. */
import type { ReserveCommand, StockCommand } from "./commands.ts"
import type { Json } from "./model.ts"

export function canonicalJson(value: Json | undefined): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null"
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`
}

export type ReserveMeaning = Pick<ReserveCommand, "customerId" | "lines" | "metadata" | "replaces"> & {
  readonly ttlSeconds: number | null
}

/** What a reserve request means, with the ttl as it was sent. */
export function reserveMeaning(meaning: ReserveMeaning): string {
  return canonicalJson({
    customerId: meaning.customerId,
    lines: meaning.lines.map(({ sku, quantity, location }) => ({ sku, quantity, location })),
    metadata: meaning.metadata,
    replaces: meaning.replaces,
    ttlSeconds: meaning.ttlSeconds,
  })
}

/** The same once for each text that means the same: a ttl left out and one that spells out the default are equal. */
export function reserveMeanings(meaning: ReserveMeaning, ttlSecondsDefault: number): readonly string[] {
  const asSent = reserveMeaning(meaning)
  if (meaning.ttlSeconds === null)
    return [asSent, reserveMeaning({ ...meaning, ttlSeconds: ttlSecondsDefault })]
  if (meaning.ttlSeconds === ttlSecondsDefault)
    return [asSent, reserveMeaning({ ...meaning, ttlSeconds: null })]
  return [asSent]
}

export function adjustMeaning(
  command: Omit<Extract<StockCommand, { kind: "adjust" }>, "key" | "id" | "kind">,
): string {
  const { sku, location, delta, reason, reference } = command
  return canonicalJson({ sku, location, delta, reason, reference })
}
