import { useQuery } from "@tanstack/react-query"
import type { JournalEntry } from "earmark/client"
import { operator } from "../../api/client.ts"
import { Moment } from "../../ui/moment.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { BalanceChanges, KIND_COLORS, kindName } from "../journal-entry.tsx"
import { LocationLink, SkuLink } from "../links.tsx"
import { Trace } from "../trace.tsx"

/** What happened to a reservation, from its beginning, as the journal has it. */
export function Timeline({ id }: { readonly id: string }) {
  const journal = useQuery({
    queryKey: ["reservations", "journal", id],
    queryFn: ({ signal }) => operator.reservations.journal(id, { signal }),
  })
  if (journal.isPending) return <Loading label="Reading the journal" />
  if (journal.data === undefined) return <Failure error={journal.error} onRetry={journal.refetch} />
  const { data, isComplete } = journal.data
  if (data.length === 0) {
    return (
      <Empty title="The journal does not tell of it yet">
        Redis has granted it, and it is being persisted.
      </Empty>
    )
  }
  return (
    <>
      <ol className="border-l-2 border-line">
        {steps(data).map((entries) => (
          <Step key={`${entries[0].kind} ${entries[0].occurredAt}`} entries={entries} />
        ))}
      </ol>
      {!isComplete && (
        <p className="mt-3 text-sm text-muted">
          It may have been extended more often than is shown: too much has happened to its items meanwhile.
        </p>
      )}
    </>
  )
}

type StepEntries = readonly [JournalEntry, ...JournalEntry[]]

/** The journal has an entry for each line each time; what happened at one moment is one step. */
function steps(entries: readonly JournalEntry[]): StepEntries[] {
  const found: [JournalEntry, ...JournalEntry[]][] = []
  for (const entry of entries) {
    const last = found.at(-1)
    if (last && last[0].kind === entry.kind && last[0].occurredAt === entry.occurredAt) last.push(entry)
    else found.push([entry])
  }
  return found
}

function Step({ entries }: { readonly entries: StepEntries }) {
  const [first] = entries
  const { occurredAt, actor, reason, reference, expiresAt, traceparent } = first
  return (
    <li className="relative pb-5 pl-5 last:pb-0">
      <span className={`${KIND_COLORS[first.kind]} absolute top-1.5 -left-[7px] size-3 rounded-full`} />
      <p className="flex flex-wrap items-baseline gap-x-3">
        <b className="font-semibold">{kindName(first)}</b>
        <span>
          by <span className="break-all">{actor ?? "nobody named"}</span>
        </span>
        <span className="text-sm text-muted">
          <Moment at={occurredAt} />
        </span>
      </p>
      {expiresAt && (
        <p className="text-sm text-muted">
          until <Moment at={expiresAt} />
        </p>
      )}
      {reason && <p className="break-words">reason: {reason}</p>}
      {reference && <p className="break-words">reference: {reference}</p>}
      {traceparent && <Trace traceparent={traceparent} />}
      <ul className="mt-1 text-sm">
        {entries.map((entry) => (
          <li key={`${entry.sku} ${entry.location}`} className="flex flex-wrap gap-x-4">
            <span>
              <SkuLink sku={entry.sku} /> at <LocationLink location={entry.location} />
            </span>
            <BalanceChanges entry={entry} />
          </li>
        ))}
      </ul>
    </li>
  )
}
