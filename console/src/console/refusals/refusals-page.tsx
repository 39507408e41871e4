import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { isProblem } from "earmark/client"
import { operator } from "../../api/client.ts"
import { Badge } from "../../ui/badge.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { linesIn } from "./basket-lines.ts"
import { ExplainedLine } from "./explained-line.tsx"
import { LinesForm } from "./lines-form.tsx"

const route = getRouteApi("/console/refusals")

/** Holds end and units are sold: what is said here is asked for again and again. */
const LOOK_INTERVAL_MS = 2_000
const OF_A_FIELD = /^\/lines\/\d+\/(?:sku|quantity|location)$/

export function RefusalsPage() {
  const { lines = [] } = linesIn(route.useSearch())
  const navigate = useNavigate()
  const key = JSON.stringify(lines)
  const explanation = useQuery({
    queryKey: ["explanation", key],
    queryFn: ({ signal }) => operator.reservations.explainWithHolders({ lines }, { signal }),
    enabled: lines.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.error === null ? LOOK_INTERVAL_MS : false),
  })
  const errors = isProblem(explanation.error) ? explanation.error.errors : []
  const isSaidAbove = errors.length > 0 && errors.every(({ pointer }) => OF_A_FIELD.test(pointer))
  return (
    <>
      <PageHeader title="Why was this refused?">
        A basket is reserved as a whole or not at all. Say what was asked for: nothing is reserved by asking.
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Panel>
          <LinesForm
            key={key}
            lines={lines}
            errorAt={(pointer) => errors.find((error) => error.pointer === pointer)?.message}
            onAsk={(asked) => void navigate({ to: "/console/refusals", search: { lines: asked } })}
          />
        </Panel>
        {lines.length === 0 && (
          <Empty title="Nothing is asked yet">
            The shop leads here from each refusal, with what was in the basket.
          </Empty>
        )}
        {explanation.isError && !isSaidAbove && (
          <Failure error={explanation.error} onRetry={explanation.refetch} />
        )}
        {lines.length > 0 && explanation.isLoading && <Loading label="Asking" />}
        {explanation.data && !explanation.isError && <Answer {...explanation.data} />}
      </div>
    </>
  )
}

type AnswerProps = Awaited<ReturnType<typeof operator.reservations.explainWithHolders>>

function Answer({ wouldSucceed, asOf, lines }: AnswerProps) {
  return (
    <>
      <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-lg font-semibold">
        {wouldSucceed ? <Badge tone="good">possible</Badge> : <Badge tone="bad">refused</Badge>}
        {wouldSucceed ? "It would be reserved now." : "It would be refused now."}
        <span className="text-sm font-normal text-muted">
          as of <Moment at={asOf} />
        </span>
      </p>
      {lines.map((line) => (
        <ExplainedLine key={`${line.sku} ${line.location}`} line={line} />
      ))}
    </>
  )
}
