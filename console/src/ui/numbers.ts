/** Numbers, durations and moments as people read them. */
const COUNT = new Intl.NumberFormat("en-US")
const RATE = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 })
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" })

/** 12,345 */
export function count(units: number): string {
  return COUNT.format(units)
}

/** Three digits that count, whatever the size. */
export function rate(perSecond: number): string {
  return RATE.format(perSecond)
}

/** `4:07`, and from an hour on `1:04:07`: what is left of a hold, rounded up, so that 0:00 is the end. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000))
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const [hours = 0, minutes = 0, rest = 0] = parts
  const end = `${hours > 0 ? String(minutes).padStart(2, "0") : minutes}:${String(rest).padStart(2, "0")}`
  return hours > 0 ? `${hours}:${end}` : end
}

/** A duration in the unit that fits: `0.25 ms`, `850 ms`, `4.2 s`, `3 min`, `2 h`, `5 d`. */
export function duration(ms: number): string {
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

/** In the reader's own time zone. */
export function moment(iso: string): string {
  return MOMENT.format(new Date(iso))
}
