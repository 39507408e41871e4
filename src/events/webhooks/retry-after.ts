/** What an endpoint asks for in `Retry-After`. */

/** Longest pause that is granted: were it more, an endpoint could stretch the day of attempts to weeks. */
export const RETRY_AFTER_SECONDS_MAX = 3600

/** The one form of a date that anybody sends (RFC 9110, IMF-fixdate); the others would be read in the local time zone. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** A header that came several times is a list, which neither of these may be. */
type HeaderValue = string | readonly string[] | undefined

export interface RetryAfterHeaders {
  readonly retryAfter: HeaderValue
  readonly date: HeaderValue
}

/**
 * @param headers a date in the one is measured from that in the other: both are from the endpoint's clock
 * @returns seconds from 0 to the longest; null when nothing is asked for, or nothing that can be understood
 */
export function parseRetryAfter({ retryAfter, date }: RetryAfterHeaders, nowMs: number): number | null {
  if (typeof retryAfter !== "string") return null
  if (/^\d+$/.test(retryAfter)) return bounded(Number(retryAfter))
  const untilMs = parseHttpDate(retryAfter)
  if (untilMs === null) return null
  const fromMs = (typeof date === "string" ? parseHttpDate(date) : null) ?? nowMs
  return bounded(Math.ceil((untilMs - fromMs) / 1000))
}

function parseHttpDate(text: string): number | null {
  const timeMs = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(timeMs) ? null : timeMs
}

function bounded(seconds: number): number {
  return Math.min(Math.max(seconds, 0), RETRY_AFTER_SECONDS_MAX)
}
