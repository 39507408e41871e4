import type { Verification } from "earmark/client"
import { useState } from "react"
import { Badge } from "../../ui/badge.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Notice } from "../../ui/notice.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { count, duration } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { useVerifications } from "./use-verifications.ts"

/** The service keeps the last hundred. */
const RUNS_SHOWN = 100
const COMMAND = "npm run earmark -- verify"

/** What must hold at every committed instant, and whether it did when somebody looked. */
export function VerificationsPage() {
  const runs = useVerifications(RUNS_SHOWN)
  const [chosen, setChosen] = useState<string | null>(null)
  const data = runs.data ?? []
  const shown = data.find(({ at }) => at === chosen) ?? data[0]
  return (
    <>
      <PageHeader title="Laws">
        <code>earmark verify</code> reads all books in one snapshot and holds them against the laws that the
        promises rest on. It changes no book, so it may run at any time.
      </PageHeader>
      {runs.isPending && <Loading label="Reading what came of it" />}
      {runs.isError && <Failure error={runs.error} onRetry={() => runs.refetch()} />}
      {runs.isSuccess && shown === undefined && (
        <Empty title="Nobody has verified these books yet" command={COMMAND}>
          Its result appears here.
        </Empty>
      )}
      {shown && (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <Laws run={shown} />
          <Runs runs={data} shown={shown} onChoose={setChosen} />
        </div>
      )}
    </>
  )
}

function Laws({ run }: { readonly run: Verification }) {
  const broken = run.laws.filter(({ holds }) => !holds)
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Notice
        tone={run.holds ? "good" : "bad"}
        title={
          run.holds
            ? `All ${run.laws.length} laws held`
            : `${broken.length} of ${run.laws.length} laws were broken`
        }
      >
        <p className="text-sm text-muted">
          <Moment at={run.at} />, in {duration(run.durationMs)}, by version {run.version}
        </p>
      </Notice>
      <Panel>
        <ul className="divide-y divide-line">
          {[...broken, ...run.laws.filter(({ holds }) => holds)].map(
            ({ id, law, holds, violations, samples }) => (
              <li key={id} className="py-2.5 first:pt-0 last:pb-0">
                <div className="flex items-start justify-between gap-3">
                  <span className="min-w-0">
                    <span className="mr-2 font-mono text-sm text-muted">{id}</span>
                    {law}
                  </span>
                  <Badge tone={holds ? "good" : "bad"}>
                    {holds ? "holds" : `${count(violations)} broken`}
                  </Badge>
                </div>
                {samples.length > 0 && (
                  <pre className="mt-2 rounded-lg bg-sunken p-3 text-xs break-all whitespace-pre-wrap">
                    {samples.map((sample) => JSON.stringify(sample)).join("\n")}
                  </pre>
                )}
              </li>
            ),
          )}
        </ul>
      </Panel>
    </div>
  )
}

interface RunsProps {
  readonly runs: readonly Verification[]
  readonly shown: Verification
  readonly onChoose: (at: string) => void
}

function Runs({ runs, shown, onChoose }: RunsProps) {
  return (
    <Panel title="Runs">
      <ul className="max-h-[32rem] overflow-y-auto">
        {runs.map((run) => (
          <li key={run.at}>
            <button
              type="button"
              aria-current={run.at === shown.at}
              onClick={() => onChoose(run.at)}
              className="flex min-h-11 w-full items-center justify-between gap-3 rounded-md px-2 text-left text-sm hover:bg-sunken aria-current:bg-sunken"
            >
              <Moment at={run.at} />
              <Badge tone={run.holds ? "good" : "bad"}>{run.holds ? "all hold" : "broken"}</Badge>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
