import type { JournalEntry } from "earmark/client"
import { count } from "../ui/numbers.ts"

const NAMES: Record<JournalEntry["kind"], string> = {
  held: "held",
  confirmed: "sold",
  released: "released",
  expired: "expired",
  extended: "extended",
  adjusted: "adjusted",
  safety_stock_set: "safety stock set",
  allotted: "allotted to Redis",
  drawn: "drawn from Redis",
  given_back: "given back by Redis",
}

/** What happened, in a word or two. */
export function kindName({ kind }: Pick<JournalEntry, "kind">): string {
  return NAMES[kind]
}

/** The dot of each kind has the colour of what became of the units. */
export const KIND_COLORS: Record<JournalEntry["kind"], string> = {
  held: "bg-held",
  confirmed: "bg-sold",
  released: "bg-available",
  expired: "bg-available",
  extended: "bg-held",
  adjusted: "bg-accent",
  safety_stock_set: "bg-safety",
  allotted: "bg-allotted",
  drawn: "bg-allotted",
  given_back: "bg-allotted",
}

const BALANCES = [
  ["on hand", "onHand"],
  ["held", "held"],
  ["safety", "safetyStock"],
  ["allotted", "allotted"],
  ["available", "available"],
] as const

/** What changed, as before and after; of what stayed nothing is said. */
export function BalanceChanges({ entry: { before, after } }: { readonly entry: JournalEntry }) {
  const changed = BALANCES.filter(([, member]) => before[member] !== after[member])
  return (
    <span className="inline-flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
      {changed.map(([name, member]) => (
        <span key={member} className="whitespace-nowrap">
          <span className="text-muted">{name}</span> {count(before[member])} <span aria-hidden="true">→</span>
          <span className="sr-only">to</span> <b className="font-semibold">{count(after[member])}</b>
        </span>
      ))}
      {changed.length === 0 && <span className="text-muted">no units moved</span>}
    </span>
  )
}
