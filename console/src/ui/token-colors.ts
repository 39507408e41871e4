/** The colours of index.css for what is drawn on a canvas, which knows no variables. */
import { useSyncExternalStore } from "react"

export type Token =
  | "line"
  | "muted"
  | "accent"
  | "available"
  | "held"
  | "allotted"
  | "safety"
  | "sold"
  | "oversold"

const DARK = matchMedia("(prefers-color-scheme: dark)")

/** `light` or `dark`, as the page is drawn now: whoever has looked colours up has to look again when it changes. */
export function useScheme(): string {
  return useSyncExternalStore(onSchemeChange, scheme)
}

/** As the canvas wants it; `light-dark()` and variables are resolved by an element that nobody sees. */
export function colorOf(token: Token): string {
  const probe = document.createElement("span")
  probe.style.color = `var(--${token})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function scheme(): string {
  return document.documentElement.dataset["theme"] ?? (DARK.matches ? "dark" : "light")
}

function onSchemeChange(onChange: () => void): () => void {
  const chosen = new MutationObserver(onChange)
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] })
  DARK.addEventListener("change", onChange)
  return () => {
    chosen.disconnect()
    DARK.removeEventListener("change", onChange)
  }
}
