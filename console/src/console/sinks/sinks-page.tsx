import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { Sink } from "earmark/client"
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
  const sinks = useQuery({
    queryKey: ["sinks", "list"],
    queryFn: ({ signal }) => operator.sinks.list({ signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  })
  return (
    <>
      <PageHeader title="Sinks of events">
        Who is handed every event, in order: how far each is, and what it has refused for good.
      </PageHeader>
      <Panel>
        {sinks.isPending && <Loading label="Asking the service" />}
        {sinks.isError && <Failure error={sinks.error} onRetry={sinks.refetch} />}
        {sinks.data?.length === 0 && <NoSinks />}
        <ul aria-label="Sinks" className="divide-y divide-line">
          {sinks.data?.map((sink) => (
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

function SinkRow({ sink }: { readonly sink: Sink }) {
  const { name, lagSeconds, deadEvents, failure, movedAt } = sink
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-3">
      <SinkName name={name} />
      <SinkState sink={sink} />
      <span>{lagSeconds === 0 ? "up to date" : `${duration(lagSeconds * 1_000)} behind`}</span>
      {deadEvents > 0 && (
        <Link to="/console/sinks/$name" params={{ name }} className="text-bad underline">
          {count(deadEvents)} refused for good
        </Link>
      )}
      <span className="text-sm text-muted sm:ml-auto">
        moved <Moment at={movedAt} />
      </span>
      {failure && (
        <span className="w-full text-sm break-words text-muted">
          since <Moment at={failure.since} />, {count(failure.times)} times: {failure.reason}
        </span>
      )}
    </li>
  )
}

function SinkName({ name }: { readonly name: string }) {
  if (name.startsWith(OF_WEBHOOK)) {
    return (
      <span className="font-semibold">
        webhook <WebhookLink id={name.slice(OF_WEBHOOK.length)} />
      </span>
    )
  }
  return (
    <Link
      to="/console/sinks/$name"
      params={{ name }}
      className="font-semibold break-all text-accent underline"
    >
      {name}
    </Link>
  )
}

function SinkState({ sink: { failure, isDisabled } }: { readonly sink: Sink }) {
  if (isDisabled) return <Badge>disabled</Badge>
  return failure === null ? <Badge tone="good">taking events</Badge> : <Badge tone="bad">taking none</Badge>
}
