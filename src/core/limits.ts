/**
 * Every limit of the public contract, by name. A request that breaks one is answered 400 `invalid_request`
 * (the body size: 413) and changes nothing. The wire schemas, the database's checks and the tests read them here.
 */

/** Units in one line. A million keeps 100 lines far below 2^53, so sums stay exact in JavaScript. */
export const QUANTITY_MAX = 1_000_000
/** Lines in one reservation: bounds the locks that one transaction takes for one caller. */
export const LINES_MAX = 100
/** Characters of a sku or a location code: short enough to be a key in every index. */
export const CODE_LENGTH_MAX = 64
/** What a sku or a location code may be made of: safe in a URL path, a file name and a log line. */
export const CODE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
/** Whether something may be a sku or a location code at all. */
export function isCode(text: string): boolean {
  return text.length <= CODE_LENGTH_MAX && CODE_PATTERN.test(text)
}
/** Characters of a name, customer id, reference, reason, idempotency key or search text. */
export const TEXT_LENGTH_MAX = 255
/** Characters of an item's description. */
export const DESCRIPTION_LENGTH_MAX = 4096
/** Characters of the URL of an image or of a webhook's endpoint: what browsers and proxies carry. */
export const URL_LENGTH_MAX = 2048
/** Bytes of metadata as UTF-8 JSON: a note beside the record, not a document store. */
export const METADATA_BYTES_MAX = 4096
/** Bytes of a request body: 100 lines of the longest codes and full metadata fit several times. */
export const BODY_BYTES_MAX = 65_536
/** Units that one adjustment may add or take. */
export const DELTA_MAX = 1_000_000_000
/** Units on hand in one stock level: a thousand of the largest adjustments, and exact in a double. */
export const ON_HAND_MAX = 1_000_000_000_000
/** A location's priority lies within this, either sign: an ordinary 32-bit column. */
export const PRIORITY_MAX = 1_000_000
/** Rows in one page of a list. */
export const PAGE_LIMIT_MAX = 200
export const PAGE_LIMIT_DEFAULT = 50

/** Items that one live connection may watch: a page of a shop, and a query that fits into every URL. */
export const LIVE_SKUS_MAX = 100

/** What is wrong with a ttl above the configured cap. */
export function ttlTooLong(ttlSecondsMax: number): { readonly pointer: string; readonly message: string } {
  const message = `must be at most ${ttlSecondsMax}, the longest hold that this service gives`
  return { pointer: "/ttlSeconds", message }
}

/** Shortest hold: deadlines are whole seconds from now. */
export const TTL_SECONDS_MIN = 1
/** What the ttl and lifetime settings themselves may be at most: ten years, far inside a timestamp. */
export const TTL_SECONDS_CEILING = 315_360_000

/** What a read replica may be behind at least: looking oftener than some times within it would be a load. */
export const REPLICA_STALENESS_MS_MIN = 100
/** An hour: who can wait for longer reads a backup. */
export const REPLICA_STALENESS_MS_MAX = 3_600_000
