import { useQuery } from "@tanstack/react-query"
import type { Health } from "earmark/client"
import { operator } from "../../api/client.ts"
import { Badge } from "../../ui/badge.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { count, duration } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { WebhookLink } from "../links.tsx"

const LOOK_INTERVAL_MS = 2_000
/** How the place of a webhook in the feed is called. */
const OF_WEBHOOK = "webhook:"

export function SinksPage() {
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => operator.health.readyInDetail({ signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  })
  const sinks = health.data?.sinks ?? []
  return (
    <>
      <PageHeader title="Sinks of events">
        Who is handed every event, in order: how far each is, and what it has refused for good.
      </PageHeader>
      <Panel>
        {health.isPending && <Loading label="Asking the service" />}
        {health.isError && <Failure error={health.error} onRetry={health.refetch} />}
        {health.data && sinks.length === 0 && <NoSinks />}
        <ul className="divide-y divide-line">
          {sinks.map((sink) => (
            <SinkRow key={sink.name} sink={sink} />
          ))}
        </ul>
      </Panel>
    </>
  )
}

function NoSinks() {
  return (
    <Empty title="No event is handed on" command="npm run earmark -- webhooks add https://shop.example/hooks">
      Kafka and a Redis stream are sinks too, where the settings name them.
    </Empty>
  )
}

function SinkRow({ sink }: { readonly sink: NonNullable<Health["sinks"]>[number] }) {
  const { name, lagSeconds, deadEvents, failure } = sink
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-3">
      <b className="font-semibold break-all">
        {name.startsWith(OF_WEBHOOK) ? (
          <>
            webhook <WebhookLink id={name.slice(OF_WEBHOOK.length)} />
          </>
        ) : (
          name
        )}
      </b>
      {failure === null ? <Badge tone="good">taking events</Badge> : <Badge tone="bad">taking none</Badge>}
      <span>{lagSeconds === 0 ? "up to date" : `${duration(lagSeconds * 1_000)} behind`}</span>
      {deadEvents > 0 && <span className="text-bad">{count(deadEvents)} refused for good</span>}
      {failure && (
        <span className="w-full text-sm break-words text-muted">
          since <Moment at={failure.since} />, {count(failure.times)} times: {failure.reason}
        </span>
      )}
    </li>
  )
}
