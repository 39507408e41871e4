/** Cursors: places in the feed as callers keep them. Opaque to them, and good for as long as what follows is kept. */
import { EarmarkError } from "../core/errors.ts"
import { FEED_BEGINNING, type FeedGaps, type FeedPlace } from "../engine/feed-store.ts"

/** Of the form below: a cursor of a later one is not misread. */
const FORM = 1

/** Before everything that is kept. */
export const FEED_START = encodeCursor(FEED_BEGINNING)

export function encodeCursor({ position, mark, partial, gaps }: FeedPlace): string {
  const told = partial ? [partial.position, partial.told] : []
  const missed = gaps.map(({ horizonXid, ranges }) => [horizonXid, ...ranges.flat()])
  return Buffer.from(JSON.stringify([FORM, position, mark, told, missed])).toString("base64url")
}

export function decodeCursor(cursor: string): FeedPlace {
  const place = parse(cursor)
  if (place !== null && encodeCursor(place) === cursor) return place
  const message = "must be a cursor that the feed has given"
  throw new EarmarkError("invalid_request", `after ${message}`, {
    notApplied: true,
    errors: [{ pointer: "/query/after", message }],
  })
}

function parse(cursor: string): FeedPlace | null {
  const parts = partsOf(cursor)
  if (parts?.length !== 5) return null
  const [form, position, mark, told, missed] = parts
  if (form !== FORM || !isCount(position) || !(mark === null || isDigits(mark))) return null
  if (!Array.isArray(told) || !Array.isArray(missed)) return null
  const gaps = missed.map(toGaps)
  if (!told.every(isCount) || !(told.length === 0 || told.length === 2)) return null
  if (!gaps.every((one) => one !== null)) return null
  const [partial = 0, count = 0] = told
  return { position, mark, gaps, partial: told.length === 0 ? null : { position: partial, told: count } }
}

function toGaps(missed: unknown): FeedGaps | null {
  if (!Array.isArray(missed)) return null
  const [horizonXid, ...bounds] = missed as unknown[]
  if (!isDigits(horizonXid) || !bounds.every(isCount) || bounds.length % 2 === 1) return null
  const ranges = bounds.flatMap((first, index) =>
    index % 2 === 0 ? [[first, bounds[index + 1] ?? 0] as const] : [],
  )
  return { horizonXid, ranges }
}

function partsOf(cursor: string): unknown[] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"))
    return Array.isArray(parts) ? parts : null
  } catch {
    return null
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** Transaction ids and the like fit into 63 bits. */
function isDigits(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,18}$/.test(value)
}
