/**
 * One colour a contender over all plots. Chosen so that any two stay apart (a CIELAB distance of 17 or more) also without
 * one kind of cone, and at 4.5 : 1 or more against the background, since names are written in them. Marks, dashes and
 * labels differ too: colour is never alone.
 */
import type { ContenderRole } from "../../result.ts"

/** inline: variables of the page that the plot lies in, which follow the reader's scheme. */
export type Theme = "light" | "dark" | "inline"

export interface Palette {
  readonly background: string
  readonly text: string
  readonly muted: string
  readonly grid: string
  readonly contenders: Readonly<Record<Slot, string>>
}

const SLOTS = ["batched", "atomic-update", "row-lock", "optimistic", "broken", "limit", "other"] as const
type Slot = (typeof SLOTS)[number]

const LIGHT: Palette = {
  background: "#ffffff",
  text: "#1c2430",
  muted: "#5a6472",
  grid: "#e3e7ec",
  contenders: {
    batched: "#1b6fd6",
    "atomic-update": "#12835a",
    "row-lock": "#951f90",
    optimistic: "#9a6a0c",
    broken: "#8f2410",
    limit: "#4c5560",
    other: "#4a20d8",
  },
}

const DARK: Palette = {
  background: "#0e131a",
  text: "#e4e9f0",
  muted: "#9aa5b4",
  grid: "#262e39",
  contenders: {
    batched: "#7fb4f5",
    "atomic-update": "#35c98a",
    "row-lock": "#da58a6",
    optimistic: "#eeb92e",
    broken: "#f0532f",
    limit: "#c9ced6",
    other: "#a474ee",
  },
}

const INLINE: Palette = {
  background: "transparent",
  text: "var(--text)",
  muted: "var(--muted)",
  grid: "var(--grid)",
  contenders: mapSlots((slot) => `var(--${slot})`),
}

export const PALETTES: Readonly<Record<Theme, Palette>> = { light: LIGHT, dark: DARK, inline: INLINE }

/** What the inline theme refers to, as CSS declarations. */
export function paletteVariables(theme: "light" | "dark"): string {
  const { contenders, ...rest } = PALETTES[theme]
  return Object.entries({ ...rest, ...contenders })
    .map(([name, color]) => `--${name}: ${color};`)
    .join(" ")
}

export interface Named {
  readonly name: string
  readonly role: ContenderRole
}

export function colorOf({ contenders }: Palette, contender: Named): string {
  return contenders[slotOf(contender)]
}

/** By name, so that a new strategy is a line of its own here; variants (`batched-keyed`) share a colour. */
function slotOf({ name, role }: Named): Slot {
  if (role === "broken") return "broken"
  if (role === "limit") return "limit"
  return SLOTS.find((slot) => slot === name) ?? "other"
}

export function dashOf(contender: Named): number[] {
  return DASHES[slotOf(contender)] ?? [1, 0]
}

const DASHES: Readonly<Partial<Record<Slot, number[]>>> = { broken: [2, 3], limit: [6, 4] }

const SHAPES: Readonly<Record<Slot, string>> = {
  batched: "circle",
  "atomic-update": "square",
  "row-lock": "triangle-up",
  optimistic: "diamond",
  broken: "cross",
  limit: "triangle-right",
  other: "triangle-down",
}

export function shapeOf(contender: Named): string {
  return SHAPES[slotOf(contender)]
}

function mapSlots(color: (slot: Slot) => string): Record<Slot, string> {
  return Object.fromEntries(SLOTS.map((slot) => [slot, color(slot)])) as Record<Slot, string>
}
