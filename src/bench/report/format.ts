/** Numbers as people read them. */
import type { Spread } from "../result.ts"

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })
const oneDecimal = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const twoDecimals = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** For what cannot be said, such as a ratio to nothing. */
export const NOTHING = "-"

export function formatCount(value: number): string {
  return whole.format(value)
}

/** A measured number of any size: `33,356`, `12.4`, `0.95`; what is counted is whole. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  if (Number.isInteger(value)) return whole.format(value)
  const size = Math.abs(value)
  return (size >= 100 ? whole : size >= 10 ? oneDecimal : twoDecimals).format(value)
}

/** Milliseconds to a tenth, below one to a hundredth: `0.95`, `7.2`, `1,602.6`. */
export function formatMs(value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  return (value < 1 ? twoDecimals : value < 10_000 ? oneDecimal : whole).format(value)
}

/** To a tenth: `4.8`. */
export function formatMicroseconds(value: number | null | undefined): string {
  return value === undefined || value === null ? NOTHING : oneDecimal.format(value)
}

export function formatRatio(value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  return `${(value < 10 ? twoDecimals : value < 100 ? oneDecimal : whole).format(value)} x`
}

/** Of a single round there is no spread to tell. */
export function formatRange({ min, max }: Spread): string {
  return min === max ? NOTHING : `${formatNumber(min)} to ${formatNumber(max)}`
}

/** `22.4 s (21.5 to 22.8)` */
export function withRange(value: string, range: string): string {
  return range === NOTHING ? value : `${value} (${range})`
}

/** Three digits are all that a headline can promise: `33,400`. */
export function formatRounded(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatNumber(value)
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 2)
  return value < 10 ? oneDecimal.format(value) : whole.format(Math.round(value / unit) * unit)
}

/** For ticks: `500`, `20k`, `1M`. */
export function formatTick(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`
  if (value >= 1e3) return `${trimmed(value / 1e3)}k`
  return trimmed(value)
}

/** Where on an axis something was measured: `1,024` callers, `10M` rows. */
export function formatPlace(value: number): string {
  return value < 100_000 ? whole.format(value) : formatTick(value)
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(6)))
}

export function formatBytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 3)} GiB`
}

export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `2026-11-20 15:54 UTC` */
export function formatInstant(rfc3339: string): string {
  const instant = new Date(rfc3339)
  return Number.isNaN(instant.getTime())
    ? rfc3339
    : `${instant.toISOString().slice(0, 16).replace("T", " ")} UTC`
}

const UNITS = [
  { ending: "PerSecond", unit: "/s" },
  { ending: "Seconds", unit: "s" },
  { ending: "Ms", unit: "ms" },
  { ending: "MiB", unit: "MiB" },
  { ending: "Percent", unit: "%" },
  { ending: "Bytes", unit: "bytes" },
] as const

/** `reserveP99UsualMs` is `reserve p99 usual`, in `ms`. */
export function figureWords(name: string): { label: string; unit: string } {
  const known = UNITS.find(({ ending }) => name.endsWith(ending) && name.length > ending.length)
  const words = known ? name.slice(0, -known.ending.length) : name
  const label = words.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase()
  return { label, unit: known?.unit ?? "" }
}

export function formatFigure(name: string, spread: Spread): string {
  const { unit } = figureWords(name)
  const value = unit === "ms" ? formatMs(spread.median) : formatNumber(spread.median)
  return unit === "" ? value : unit.startsWith("/") ? `${value}${unit}` : `${value} ${unit}`
}
