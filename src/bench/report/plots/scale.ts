/** Axes worked out beforehand, so that labels can be placed beside the marks without measuring what was drawn. */
import { formatTick } from "../format.ts"

export interface Scale {
  readonly type: "linear" | "log"
  readonly domain: readonly [number, number]
  /** Ascending. */
  readonly ticks: readonly Tick[]
}

export interface Tick {
  readonly at: number
  readonly label: string
}

/** From here on the smaller ones could not be told apart on a linear scale. */
const LOG_FROM_RATIO = 30

/** A scale that shows all of the values: from zero, or logarithmic when they are far apart. */
export function scaleFor(values: readonly number[]): Scale {
  const { min, max, far } = extentOf(values)
  return far ? logScale([min, max]) : linearScale(max)
}

/** The same for bars: without a zero to begin at, a power of ten is the least arbitrary place. */
export function barScaleFor(values: readonly number[]): Scale {
  const { min, max, far } = extentOf(values)
  return far ? logScale([10 ** Math.floor(Math.log10(min)) / ROOM_BELOW, max]) : linearScale(max)
}

function extentOf(values: readonly number[]): { min: number; max: number; far: boolean } {
  const positive = values.filter((value) => value > 0)
  const min = Math.min(...positive)
  const max = Math.max(...positive)
  return { min, max, far: max / min >= LOG_FROM_RATIO }
}

export function linearScale(max: number): Scale {
  const top = Number.isFinite(max) && max > 0 ? max : 1
  const step = niceStep(top / 5)
  const end = Math.ceil(top / step) * step
  const count = Math.round(end / step)
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step)
  return { type: "linear", domain: [0, end], ticks: ticks.map(tick) }
}

/** The values must be above zero. */
export function logScale(values: readonly number[]): Scale {
  const min = below(Math.min(...values))
  const max = above(Math.max(...values))
  const decades = Math.log10(max / min)
  const inside = LEADING_DIGITS.flatMap((digit) => powersOfTen(min, max).map((power) => power * digit))
    .filter((value) => value >= min * CLOSE && value <= max / CLOSE)
    .sort((a, b) => a - b)
  const ticks = decades > 2.5 ? inside.filter((value) => isPowerOfTen(value)) : inside
  return { type: "log", domain: [min, max], ticks: ticks.map(tick) }
}

/** Where a value lies, from 0 to 1. */
export function fractionOf({ type, domain: [min, max] }: Scale, value: number): number {
  return type === "log" ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min)
}

/** What lies beside the scale, such as a zero beside a logarithmic one, at its edge. */
export function within({ domain: [min, max] }: Scale, value: number): number {
  return Math.min(max, Math.max(min, value))
}

/** The inverse of `fractionOf`. */
export function valueAt({ type, domain: [min, max] }: Scale, fraction: number): number {
  return type === "log" ? min * (max / min) ** fraction : min + (max - min) * fraction
}

/** As many ticks as have room, the first and then each that is far enough from the last one shown. */
export function roomyTicks(
  scale: Scale,
  { length, roomOf }: { length: number; roomOf: (label: string) => number },
): Tick[] {
  const shown: { tick: Tick; at: number }[] = []
  for (const tick of scale.ticks) {
    const at = fractionOf(scale, tick.at) * length
    const last = shown.at(-1)
    const room = (roomOf(tick.label) + roomOf(last?.tick.label ?? "")) / 2
    if (!last || at - last.at >= room) shown.push({ tick, at })
  }
  return shown.map(({ tick }) => tick)
}

const LEADING_DIGITS = [1, 2, 5]
/** Products of powers of ten are off by a last digit. */
const CLOSE = 1 - 1e-9

/** So that the lowest value does not lie on the axis. */
const ROOM_BELOW = 0.9

/** The next 1, 2 or 5 times a power of ten, downwards. */
function below(value: number): number {
  const least = value * ROOM_BELOW
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9)
  return power * (LEADING_DIGITS.findLast((digit) => power * digit <= least / CLOSE) ?? 1)
}

function above(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return power * ([...LEADING_DIGITS, 10].find((digit) => power * digit >= value) ?? 10)
}

function powersOfTen(min: number, max: number): number[] {
  const first = Math.floor(Math.log10(min))
  const last = Math.ceil(Math.log10(max))
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
}

function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value)
  return Math.abs(exponent - Math.round(exponent)) < 1e-9
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 2.5, 5, 10].find((digit) => power * digit >= rough * CLOSE) ?? 10)
}

function tick(at: number): Tick {
  return { at, label: formatTick(at) }
}
