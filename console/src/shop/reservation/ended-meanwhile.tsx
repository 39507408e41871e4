import type { Reservation } from "earmark/client"
import { Notice } from "../../ui/notice.tsx"
import type { End } from "./end-mark.tsx"

const HAPPENED: Record<End, string> = {
  confirmed: "It was confirmed meanwhile",
  released: "It was cancelled meanwhile",
  expired: "The deadline has passed meanwhile",
}

interface EndedMeanwhileProps {
  readonly phase: Reservation["state"]
  readonly what: string
}

/** In a dialog that was open when the hold ended. */
export function EndedMeanwhile({ phase, what }: EndedMeanwhileProps) {
  if (phase === "held") return null
  return (
    <Notice tone="warn" title={HAPPENED[phase]}>
      <p>{what} is still sent if you ask for it: what counts is the service's answer, not this page's.</p>
    </Notice>
  )
}
