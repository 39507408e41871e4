import { type ErrorCode, isProblem } from "earmark/client"
import { Notice } from "../../ui/notice.tsx"
import { Failure } from "../../ui/notices.tsx"

/** What the refusals that a shopper can meet mean, in a shopper's words. */
const WORDS: Partial<Record<ErrorCode, { readonly title: string; readonly text: string }>> = {
  reservation_expired: {
    title: "Too late: the hold has expired",
    text: "Its deadline has passed, and from that moment on the units were for sale again. Nothing was charged.",
  },
  reservation_released: {
    title: "Too late: the hold was cancelled",
    text: "Another tab or an operator released it, and its units are back for sale. Nothing was charged.",
  },
  reservation_confirmed: {
    title: "It is confirmed already",
    text: "Another tab was faster and paid. What is sold cannot be cancelled or extended any more.",
  },
  reservation_revoked: {
    title: "The reservation could not be kept",
    text: "It was provisional, and what had granted it lost its memory. Nothing was charged.",
  },
  lifetime_exceeded: {
    title: "It cannot be held for so long",
    text: "However often a hold is extended, there is a longest time for all of it, counted from when it was made.",
  },
}

export function CommandFailure({ error }: { readonly error: Error | null }) {
  if (error === null) return null
  if (isProblem(error, "invalid_request")) return <Failure error={error} />
  const words = isProblem(error) ? WORDS[error.code] : undefined
  if (words === undefined || !isProblem(error)) {
    return (
      <div className="flex flex-col gap-2">
        <Failure error={error} />
        <p className="text-sm text-muted">
          Doing it again is safe: it counts once, however often it is sent.
        </p>
      </div>
    )
  }
  return (
    <Notice tone="bad" title={words.title}>
      <p>{words.text}</p>
      <p className="font-mono text-sm text-muted">
        {error.status} {error.code}
      </p>
    </Notice>
  )
}
