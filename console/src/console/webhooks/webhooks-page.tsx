import { Link } from "@tanstack/react-router"
import type { Webhook, WebhookWithSecret } from "earmark/client"
import { useState } from "react"
import { operator } from "../../api/client.ts"
import { usePages } from "../../api/pages.ts"
import { Button } from "../../ui/button.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { VirtualRows } from "../../ui/virtual-rows.tsx"
import { AddDialog, SecretDialog } from "./webhook-dialogs.tsx"
import { WebhookState } from "./webhook-state.tsx"

const ROW_HEIGHT_PX = 84
/** No event tells how deliveries go. */
const LOOK_INTERVAL_MS = 2_000

export function WebhooksPage() {
  const [isAdding, setIsAdding] = useState(false)
  const [made, setMade] = useState<WebhookWithSecret | null>(null)
  return (
    <>
      <PageHeader
        title="Webhooks"
        actions={
          <Button kind="primary" onClick={() => setIsAdding(true)}>
            Add a webhook
          </Button>
        }
      >
        Endpoints that are sent every event, each signed, in order, and until it is received.
      </PageHeader>
      <Panel>
        <WebhookList />
      </Panel>
      {isAdding && <AddDialog onClose={() => setIsAdding(false)} onSecret={setMade} />}
      {made !== null && <SecretDialog made={made} onClose={() => setMade(null)} />}
    </>
  )
}

function WebhookList() {
  const { rows, readNext, isPending, error, refetch } = usePages(
    ["webhooks", "list"],
    (request, options) => operator.webhooks.list(request, options).page(),
    LOOK_INTERVAL_MS,
  )
  if (isPending) return <Loading label="Reading the webhooks" />
  if (error && rows.length === 0) return <Failure error={error} onRetry={refetch} />
  if (rows.length === 0) {
    return (
      <Empty
        title="Nobody is told of anything yet"
        command="npm run earmark -- webhooks add https://shop.example/hooks"
      >
        Add one here or in a terminal. A receiver to try it with is <code>npm run earmark -- listen</code>.
      </Empty>
    )
  }
  return (
    <VirtualRows
      label="Webhooks"
      rows={rows}
      keyOf={({ id }) => id}
      rowHeightPx={ROW_HEIGHT_PX}
      onEndNear={readNext}
    >
      {(webhook) => <WebhookRow webhook={webhook} />}
    </VirtualRows>
  )
}

function WebhookRow({ webhook }: { readonly webhook: Webhook }) {
  const { id, url, description, waiting, deliveredAt, lastFailure } = webhook
  return (
    <div className="border-t border-line py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          to="/console/webhooks/$id"
          params={{ id }}
          className="min-w-0 font-semibold break-all text-accent underline"
        >
          {url}
        </Link>
        <WebhookState webhook={webhook} />
        {waiting > 0 && <span className="text-sm text-warn">{count(waiting)} waiting</span>}
      </div>
      <p className="flex flex-wrap gap-x-4 text-sm text-muted">
        {description && <span className="break-words">{description}</span>}
        <span>
          {deliveredAt === null ? (
            "nothing delivered yet"
          ) : (
            <>
              last delivered <Moment at={deliveredAt} />
            </>
          )}
        </span>
        {lastFailure && (
          <span className="break-words">
            last failure <Moment at={lastFailure.at} />: {lastFailure.reason}
          </span>
        )}
      </p>
    </div>
  )
}
