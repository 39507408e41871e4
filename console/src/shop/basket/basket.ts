/** What the shopper wants to reserve: kept by the browser, so that a reload or another tab finds it. */
import { useSyncExternalStore } from "react"

export interface BasketLine {
  readonly sku: string
  readonly quantity: number
  /** A location's code; without one the service chooses. */
  readonly location?: string
}

/** The service takes no more in one reservation. */
export const BASKET_LINES_MAX = 100

const STORED_AS = "earmark.basket"
const NO_LINES: readonly BasketLine[] = []

let lines = stored()
const listeners = new Set<() => void>()
// What another tab has put in is in this one's basket too.
addEventListener("storage", ({ key }) => {
  if (key !== STORED_AS && key !== null) return
  lines = stored()
  tell()
})

export function useBasket(): readonly BasketLine[] {
  return useSyncExternalStore(
    (onChange) => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    () => lines,
  )
}

/** What makes a line another one: an item is in the basket once for each location, and once for whichever has it. */
export function lineKey({
  sku,
  location,
}: {
  readonly sku: string
  readonly location?: string | undefined
}): string {
  return location === undefined ? sku : `${sku} ${location}`
}

/** So many more of this. False when there is no room for another line. */
export function addToBasket(line: BasketLine): boolean {
  const there = lines.find((other) => lineKey(other) === lineKey(line))
  if (there === undefined && lines.length >= BASKET_LINES_MAX) return false
  putInBasket({ ...line, quantity: line.quantity + (there?.quantity ?? 0) })
  return true
}

/** Replaces the line of this sku and location, in its place; a quantity of 0 takes it out. */
export function putInBasket(line: BasketLine): void {
  const place = lines.findIndex((other) => lineKey(other) === lineKey(line))
  const next = place === -1 ? [...lines, line] : lines.with(place, line)
  change(next.filter(({ quantity }) => quantity > 0))
}

export function emptyBasket(): void {
  change(NO_LINES)
}

function change(next: readonly BasketLine[]): void {
  lines = next
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(next))
  } catch {
    // Storage may be full or forbidden: then the basket lasts as long as the page.
  }
  tell()
}

function tell(): void {
  for (const onChange of listeners) onChange()
}

/** Anybody may have written there, also an older version of this page. */
function stored(): readonly BasketLine[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? "[]")
    return Array.isArray(found) ? found.filter(isLine).slice(0, BASKET_LINES_MAX) : NO_LINES
  } catch {
    return NO_LINES
  }
}

export function isLine(found: unknown): found is BasketLine {
  if (typeof found !== "object" || found === null) return false
  const { sku, quantity, location } = found as Record<string, unknown>
  const isPlaced = location === undefined || typeof location === "string"
  return typeof sku === "string" && Number.isSafeInteger(quantity) && Number(quantity) > 0 && isPlaced
}
