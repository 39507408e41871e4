import type { Reservation } from "earmark/client"
import { useServerNow } from "../../api/clock.ts"
import { classNames } from "../../ui/class-names.ts"
import { Moment } from "../../ui/moment.tsx"
import { countdown } from "../../ui/numbers.ts"

/** From here on it is written in the colour of what goes wrong. */
const URGENT_MS = 10_000
/** A screen reader says these as they are reached, and not each second. */
const SAID_SECONDS = [300, 60, 30, 10] as const

/** What is left, by the service's clock. */
export function Countdown({ reservation }: { readonly reservation: Reservation }) {
  const nowMs = useServerNow()
  const { expiresAt, ttlSeconds } = reservation
  const leftMs = nowMs === null ? null : Math.max(0, Date.parse(expiresAt) - nowMs)
  const isUrgent = leftMs !== null && leftMs <= URGENT_MS
  const percent = leftMs === null ? 100 : Math.min(100, leftMs / (10 * ttlSeconds))
  return (
    <div>
      <p
        role="timer"
        aria-label="Time left"
        className={classNames(
          "text-6xl leading-none font-semibold tracking-tight sm:text-7xl",
          isUrgent && "text-bad",
        )}
      >
        {leftMs === null ? "–:––" : countdown(leftMs)}
      </p>
      <div className="mt-4 h-2 overflow-hidden rounded-full bg-sunken">
        <div
          className={classNames(
            "h-full rounded-full transition-[width] duration-200 ease-linear",
            isUrgent ? "bg-oversold" : "bg-held",
          )}
          style={{ width: `${percent}%` }}
        />
      </div>
      <p className="mt-2 text-sm text-muted">
        until <Moment at={expiresAt} />, by the service's clock
      </p>
      <p role="status" className="sr-only">
        {leftMs !== null && said(leftMs)}
      </p>
    </div>
  )
}

/** The same words from one of these moments to the next: they are said once. */
function said(leftMs: number): string {
  const reached = SAID_SECONDS.filter((seconds) => leftMs <= seconds * 1_000).at(-1)
  return reached === undefined ? "" : `${reached < 60 ? `${reached} seconds` : `${reached / 60} min`} left`
}
