/** What the shopper wants to reserve: kept by the browser, so that a reload or another tab finds it. */
import { useSyncExternalStore } from "react"

export interface BasketLine {
  readonly sku: string
  readonly quantity: number
  /** A location's code; without one the service chooses. */
  readonly location?: string
}

const STORED_AS = "earmark.basket"
const NO_LINES: readonly BasketLine[] = []

let lines = stored()
const listeners = new Set<() => void>()
// What another tab has put in is in this one's basket too.
addEventListener("storage", ({ key }) => {
  if (key !== STORED_AS) return
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

/** Replaces the line of this sku and location; a quantity of 0 takes it out. */
export function putInBasket(line: BasketLine): void {
  const others = lines.filter(({ sku, location }) => sku !== line.sku || location !== line.location)
  change(line.quantity > 0 ? [...others, line] : others)
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
    return Array.isArray(found) ? found.filter(isLine) : NO_LINES
  } catch {
    return NO_LINES
  }
}

function isLine(found: unknown): found is BasketLine {
  if (typeof found !== "object" || found === null) return false
  const { sku, quantity, location } = found as Record<string, unknown>
  const isPlaced = location === undefined || typeof location === "string"
  return typeof sku === "string" && Number.isSafeInteger(quantity) && isPlaced
}
