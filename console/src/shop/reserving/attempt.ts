/**
 * One attempt to reserve one basket, kept by the tab from before it is sent until it is known what came of it. Whatever
 * happens meanwhile, be it a double click, a reload or a lost connection: the same basket is sent with the same key, of
 * which the service makes at most one reservation.
 */
import type { Basket } from "earmark/client"
import { useSyncExternalStore } from "react"
import { isLine } from "../basket/basket.ts"
import { randomHex } from "./shopper.ts"

export interface Attempt {
  readonly key: string
  readonly basket: Basket
  /** Whether what is in the shopper's basket is what it is about: it is emptied then. */
  readonly isOfBasket: boolean
}

const STORED_AS = "earmark.attempt"
const KEY_BYTES = 16

let attempt = stored()
/** An answer may still come: nothing of what was kept before this page was loaded is. */
let isOnItsWay = false
const listeners = new Set<() => void>()

/** The one of which it is not known what came of it, and of which nothing more will be heard by itself. */
export function useUnanswered(): Attempt | null {
  return useSyncExternalStore(
    (onChange) => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    () => (isOnItsWay ? null : attempt),
  )
}

/** The unfinished one when it is about the same; else a new one, with a key of its own. */
export function beginAttempt(basket: Basket, isOfBasket: boolean): Attempt {
  if (attempt !== null && isSameBasket(attempt.basket, basket)) return send(attempt)
  return send({ key: randomHex(KEY_BYTES), basket, isOfBasket })
}

/** It is sent, for the first time or again. */
export function send(sent: Attempt): Attempt {
  isOnItsWay = true
  change(sent)
  return sent
}

/** It was sent, and no answer came. */
export function leaveUnanswered({ key }: Attempt): void {
  if (attempt?.key !== key) return
  isOnItsWay = false
  change(attempt)
}

/** Its outcome is known, or nobody wants to know it any more. */
export function endAttempt({ key }: Attempt): void {
  if (attempt?.key !== key) return
  isOnItsWay = false
  change(null)
}

export function isSameBasket(one: Basket, other: Basket): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function change(next: Attempt | null): void {
  attempt = next
  try {
    if (next === null) sessionStorage.removeItem(STORED_AS)
    else sessionStorage.setItem(STORED_AS, JSON.stringify(next))
  } catch {
    // Storage may be full or forbidden: then the attempt lasts as long as the page.
  }
  for (const onChange of listeners) onChange()
}

function stored(): Attempt | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(STORED_AS) ?? "null")
    return isAttempt(found) ? found : null
  } catch {
    return null
  }
}

function isAttempt(found: unknown): found is Attempt {
  if (typeof found !== "object" || found === null) return false
  const { key, basket, isOfBasket } = found as Record<string, unknown>
  const isBasket = typeof basket === "object" && basket !== null && "lines" in basket
  return (
    typeof key === "string" &&
    isBasket &&
    Array.isArray(basket.lines) &&
    basket.lines.every(isLine) &&
    typeof isOfBasket === "boolean"
  )
}
