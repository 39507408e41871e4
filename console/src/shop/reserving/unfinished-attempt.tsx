import { Button } from "../../ui/button.tsx"
import { Notice } from "../../ui/notice.tsx"
import { count } from "../../ui/numbers.ts"
import { endAttempt, useUnanswered } from "./attempt.ts"
import type { Reserving } from "./use-reserve.ts"

/** After a reload or a lost connection: something was sent, and nobody knows whether it was carried out. */
export function UnfinishedAttempt({ reserving }: { readonly reserving: Reserving }) {
  const attempt = useUnanswered()
  if (attempt === null) return null
  const wanted = attempt.basket.lines.map(({ sku, quantity }) => `${count(quantity)} × ${sku}`).join(", ")
  return (
    <Notice
      tone="warn"
      title="Your last reservation was not answered"
      className="sticky top-2 z-10 mb-5 shadow-lg"
    >
      <p className="break-words">
        Whether {wanted} {attempt.basket.lines.length === 1 ? "is" : "are"} held for you is not known. Asking
        again sends the very same attempt, which never reserves twice.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" onClick={() => reserving.resume(attempt)}>
          Ask again
        </Button>
        <Button kind="quiet" onClick={() => endAttempt(attempt)}>
          Leave it
        </Button>
      </div>
    </Notice>
  )
}
