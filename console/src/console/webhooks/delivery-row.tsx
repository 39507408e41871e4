import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { Delivery, DeliveryDetail } from "earmark/client"
import { useState } from "react"
import { operator } from "../../api/client.ts"
import { useSend } from "../../api/use-send.ts"
import { Badge, type Tone } from "../../ui/badge.tsx"
import { Button } from "../../ui/button.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Failure, Loading } from "../../ui/notices.tsx"
import { duration } from "../../ui/numbers.ts"
import { useTell } from "../../ui/toasts.tsx"
import { SubjectLink } from "../links.tsx"

const TONES: Record<Delivery["state"], Tone> = { waiting: "warn", delivered: "good", failed: "bad" }

interface DeliveryRowProps {
  readonly webhookId: string
  readonly delivery: Delivery
}

export function DeliveryRow({ webhookId, delivery }: DeliveryRowProps) {
  const { id, state, event, attempts, nextAttemptAt, createdAt, settledAt } = delivery
  const [isOpen, setIsOpen] = useState(false)
  return (
    <div className="border-t border-line py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={TONES[state]}>{state}</Badge>
        <span className="min-w-0">
          <b className="font-semibold">{event.type}</b> <SubjectLink subject={event.subject} />
        </span>
        <span className="text-sm text-muted">
          {attempts} {attempts === 1 ? "attempt" : "attempts"}
          {nextAttemptAt && (
            <>
              , next <Moment at={nextAttemptAt} />
            </>
          )}
        </span>
        <span className="text-sm text-muted sm:ml-auto">
          <Moment at={settledAt ?? createdAt} />
        </span>
        <Redeliver webhookId={webhookId} delivery={delivery} />
      </div>
      <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary className="w-fit text-sm text-muted">
          Attempts of <code>{id}</code>
        </summary>
        {isOpen && <DeliveryLog webhookId={webhookId} delivery={delivery} />}
      </details>
    </div>
  )
}

function Redeliver({ webhookId, delivery: { id, state } }: DeliveryRowProps) {
  const tell = useTell()
  const queries = useQueryClient()
  const redelivering = useSend({
    mutationFn: () => operator.webhooks.redeliver(webhookId, id),
    onSuccess: () => tell.good("It is on its way once more."),
    onError: (error) => tell.bad(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["webhooks"] }),
  })
  if (state === "waiting") return null
  return (
    <Button
      isSmall
      aria-label={`Redeliver ${id}`}
      isBusy={redelivering.isPending}
      onClick={() => redelivering.mutate()}
    >
      Redeliver
    </Button>
  )
}

function DeliveryLog({ webhookId, delivery: { id, attempts } }: DeliveryRowProps) {
  const detail = useQuery({
    queryKey: ["webhooks", "delivery", webhookId, id, attempts],
    queryFn: ({ signal }) => operator.webhooks.delivery(webhookId, id, { signal }),
  })
  if (detail.isPending) return <Loading label="Reading the attempts" />
  if (detail.data === undefined) return <Failure error={detail.error} onRetry={detail.refetch} />
  const { log, body } = detail.data
  return (
    <div className="mt-2 rounded-lg bg-sunken p-3 text-sm">
      {log.length === 0 && <p className="text-muted">It was not tried yet.</p>}
      <ol className="flex flex-col gap-2">
        {log.map((attempt) => (
          <Attempt key={attempt.number} attempt={attempt} />
        ))}
      </ol>
      <pre className="mt-3 border-t border-line pt-3 text-xs break-all whitespace-pre-wrap">
        {JSON.stringify(body, null, 2)}
      </pre>
    </div>
  )
}

function Attempt({ attempt }: { readonly attempt: DeliveryDetail["log"][number] }) {
  const { number, at, durationMs, outcome, status, reason, excerpt } = attempt
  return (
    <li>
      <p className="flex flex-wrap gap-x-3">
        <b className="font-semibold">{number}.</b>
        <span className={outcome === "delivered" ? "text-good" : "text-bad"}>
          {outcome.replaceAll("_", " ")}
        </span>
        <span>{status === null ? "no answer" : `status ${status}`}</span>
        <span>after {duration(durationMs)}</span>
        <span className="text-muted">
          <Moment at={at} />
        </span>
        {reason && <span className="break-words">{reason}</span>}
      </p>
      {excerpt !== "" && <code className="block pl-5 text-xs break-all text-muted">{excerpt}</code>}
    </li>
  )
}
