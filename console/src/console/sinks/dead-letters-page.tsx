import { useQueryClient } from "@tanstack/react-query"
import { getRouteApi, Link } from "@tanstack/react-router"
import type { DeadLetter } from "earmark/client"
import { operator } from "../../api/client.ts"
import { usePages } from "../../api/pages.ts"
import { useSend } from "../../api/use-send.ts"
import { Button } from "../../ui/button.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { VirtualRows } from "../../ui/virtual-rows.tsx"
import { EventRow } from "../events/event-row.tsx"
import { StandsStill } from "../stands-still.tsx"

const route = getRouteApi("/console/sinks/$name")

const ROW_HEIGHT_PX = 130
const LOOK_INTERVAL_MS = 2_000

/** What one sink has refused for good, oldest first, which is handed to it once more when the reason is mended. */
export function DeadLettersPage() {
  const { name }: { readonly name: string } = route.useParams()
  const { rows, readNext, isPending, error, refetch, isStill, onFirstSeen } = usePages(
    ["sinks", "dead", name],
    (request, options) => operator.sinks.deadLetters(name, request, options).page(),
    LOOK_INTERVAL_MS,
  )
  return (
    <>
      <PageHeader title={`Dead letters of ${name}`} actions={rows.length > 0 && <Replay name={name} />}>
        Events that it has refused for good. What follows is not held up by them. See also{" "}
        <Link to="/console/sinks" className="text-accent underline">
          all sinks
        </Link>
        .
      </PageHeader>
      <Panel>
        {isPending && <Loading label="Reading the dead letters" />}
        {error && rows.length === 0 && <Failure error={error} onRetry={refetch} />}
        {!isPending && !error && rows.length === 0 && (
          <Empty title="No dead letters">It has taken whatever it was handed.</Empty>
        )}
        {isStill && <StandsStill />}
        <VirtualRows
          label="Dead letters"
          rows={rows}
          keyOf={({ id }) => String(id)}
          rowHeightPx={ROW_HEIGHT_PX}
          onEndNear={readNext}
          onFirstSeen={onFirstSeen}
        >
          {(letter) => <LetterRow name={name} letter={letter} />}
        </VirtualRows>
      </Panel>
    </>
  )
}

interface LetterRowProps {
  readonly name: string
  readonly letter: DeadLetter
}

function LetterRow({ name, letter: { id, event, reason, refusedAt } }: LetterRowProps) {
  return (
    <div className="pb-2">
      <EventRow event={event} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <Replay name={name} id={id} />
        <span className="min-w-0 break-words text-bad">{reason}</span>
        <span className="text-muted">
          refused <Moment at={refusedAt} />
        </span>
      </div>
    </div>
  )
}

/** Of one, or of all. */
function Replay({ name, id }: { readonly name: string; readonly id?: number }) {
  const tell = useTell()
  const queries = useQueryClient()
  const replaying = useSend({
    mutationFn: () => operator.sinks.replay(name, id === undefined ? {} : { ids: [id] }),
    onSuccess: ({ asked }) => tell.good(`${count(asked)} will be handed on once more.`),
    onError: (error) => tell.bad(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["sinks"] }),
  })
  return (
    <Button
      isSmall={id !== undefined}
      kind={id === undefined ? "primary" : "plain"}
      aria-label={id === undefined ? undefined : `Replay ${id}`}
      isBusy={replaying.isPending}
      onClick={() => replaying.mutate()}
    >
      {id === undefined ? "Replay all" : "Replay"}
    </Button>
  )
}
