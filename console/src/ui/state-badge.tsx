import type { Reservation } from "earmark/client"
import { Badge, type Tone } from "./badge.tsx"

const TONE_OF_STATE: Record<Reservation["state"], Tone> = {
  held: "warn",
  confirmed: "good",
  released: "neutral",
  expired: "neutral",
}

export function StateBadge({ state }: { readonly state: Reservation["state"] }) {
  return <Badge tone={TONE_OF_STATE[state]}>{state}</Badge>
}
