import { useQuery, useQueryClient } from "@tanstack/react-query"
import { getRouteApi } from "@tanstack/react-router"
import { isProblem, type Webhook, type WebhookWithSecret } from "earmark/client"
import { useState } from "react"
import { operator } from "../../api/client.ts"
import { useSend } from "../../api/use-send.ts"
import { Button } from "../../ui/button.tsx"
import { Copyable } from "../../ui/copyable.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Failure, Loading } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { Facts } from "../facts.tsx"
import { type DeliveriesFilter, deliveriesFilter } from "../filters.ts"
import { SkuLink } from "../links.tsx"
import { Deliveries } from "./deliveries.tsx"
import { EditDialog, RemoveDialog, RotateDialog, SecretDialog } from "./webhook-dialogs.tsx"
import { WebhookState } from "./webhook-state.tsx"

const route = getRouteApi("/console/webhooks/$id")

const LOOK_INTERVAL_MS = 2_000

export function WebhookPage() {
  const { id }: { readonly id: string } = route.useParams()
  const filter = deliveriesFilter(route.useSearch())
  const webhook = useQuery({
    queryKey: ["webhooks", "one", id],
    queryFn: ({ signal }) => operator.webhooks.get(id, { signal }),
    refetchInterval: ({ state }) => (state.error === null ? LOOK_INTERVAL_MS : false),
  })
  if (webhook.isPending) return <Loading label="Reading the webhook" />
  // What was read of one that was removed since says nothing any more.
  if (webhook.data === undefined || isProblem(webhook.error, "webhook_not_found"))
    return <Failure error={webhook.error} onRetry={webhook.refetch} />
  return <WebhookDetails key={id} webhook={webhook.data} filter={filter} />
}

interface WebhookDetailsProps {
  readonly webhook: Webhook
  readonly filter: DeliveriesFilter
}

function WebhookDetails({ webhook, filter }: WebhookDetailsProps) {
  const [doing, setDoing] = useState<"edit" | "rotate" | "remove" | null>(null)
  const [made, setMade] = useState<WebhookWithSecret | null>(null)
  const stop = () => setDoing(null)
  return (
    <>
      <PageHeader title="Webhook" actions={<Actions webhook={webhook} onDo={setDoing} />}>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium break-all text-ink">{webhook.url}</span>
          <WebhookState webhook={webhook} />
        </span>
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Panel title="How it does">
          <WebhookFacts webhook={webhook} />
        </Panel>
        <Deliveries webhookId={webhook.id} filter={filter} />
      </div>
      {doing === "edit" && <EditDialog webhook={webhook} onClose={stop} />}
      {doing === "rotate" && <RotateDialog webhook={webhook} onClose={stop} onSecret={setMade} />}
      {doing === "remove" && <RemoveDialog webhook={webhook} onClose={stop} />}
      {made !== null && <SecretDialog made={made} onClose={() => setMade(null)} />}
    </>
  )
}

interface ActionsProps {
  readonly webhook: Webhook
  readonly onDo: (what: "edit" | "rotate" | "remove") => void
}

function Actions({ webhook: { id, state }, onDo }: ActionsProps) {
  const tell = useTell()
  const queries = useQueryClient()
  const settled = {
    onError: tell.bad,
    onSettled: () => queries.invalidateQueries({ queryKey: ["webhooks"] }),
  }
  const testing = useSend({
    ...settled,
    mutationFn: () => operator.webhooks.test(id),
    onSuccess: () => tell.good("A test event is on its way: what comes of it is below."),
  })
  const switching = useSend({
    ...settled,
    mutationFn: () => operator.webhooks.change(id, { disabled: state === "enabled" }),
  })
  return (
    <>
      <Button
        kind="primary"
        disabled={state === "disabled"}
        isBusy={testing.isPending}
        onClick={() => testing.mutate()}
      >
        Send a test event
      </Button>
      <Button isBusy={switching.isPending} onClick={() => switching.mutate()}>
        {state === "enabled" ? "Disable" : "Enable"}
      </Button>
      <Button onClick={() => onDo("edit")}>Edit</Button>
      <Button onClick={() => onDo("rotate")}>New secret</Button>
      <Button kind="danger" onClick={() => onDo("remove")}>
        Remove
      </Button>
    </>
  )
}

function WebhookFacts({ webhook }: { readonly webhook: Webhook }) {
  const { id, description, types, skus, waiting, deliveredAt, lastFailure, circuit, createdAt } = webhook
  return (
    <Facts
      facts={{
        Id: <Copyable text={id} />,
        Description: description,
        Types: types === null ? "all" : types.join(", "),
        Skus:
          skus === null ? (
            "all"
          ) : (
            <span className="flex flex-wrap gap-x-2">
              {skus.map((sku) => (
                <SkuLink key={sku} sku={sku} />
              ))}
            </span>
          ),
        Waiting: count(waiting),
        "Last delivered": deliveredAt === null ? "never" : <Moment at={deliveredAt} />,
        "Left alone until": circuit.until && <Moment at={circuit.until} />,
        "Last failure": lastFailure && (
          <>
            <Moment at={lastFailure.at} />
            <br />
            {lastFailure.reason}
          </>
        ),
        Added: <Moment at={createdAt} />,
      }}
    />
  )
}
