import { Link } from "@tanstack/react-router"
import type { HoldsSummary } from "earmark/client"
import { Empty } from "../../ui/notices.tsx"
import { count, duration } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"

type Bucket = HoldsSummary["byAge"][number]

export function HoldsPanel({ holds }: { readonly holds: HoldsSummary }) {
  const { boundsSeconds, overdue } = holds
  return (
    <Panel
      title="Holds"
      actions={
        <Link to="/console/reservations" search={{ state: "held" }} className="text-accent underline">
          All holds
        </Link>
      }
    >
      {holds.holds === 0 ? (
        <Empty title="Nothing is held now">Reserve something in the shop, or let the theatre sell out.</Empty>
      ) : (
        <div className="grid grid-cols-1 gap-6 sm:grid-cols-2">
          <Distribution title="By age" buckets={holds.byAge} boundsSeconds={boundsSeconds} color="bg-sold" />
          <Distribution
            title="By time left"
            buckets={holds.byTimeLeft}
            boundsSeconds={boundsSeconds}
            color="bg-held"
          />
        </div>
      )}
      <p className="mt-4 text-sm text-muted">
        {overdue.holds === 0
          ? "Every deadline that has passed is recorded."
          : `${count(overdue.holds)}${overdue.isMore ? " or more" : ""} are past their deadline, so their units are free; the sweep has yet to record it (the oldest for ${duration(1_000 * overdue.lagSeconds)}).`}
      </p>
    </Panel>
  )
}

interface DistributionProps {
  readonly title: string
  readonly buckets: readonly Bucket[]
  readonly boundsSeconds: readonly number[]
  readonly color: string
}

/** How many units are held in each range of time. */
function Distribution({ title, buckets, boundsSeconds, color }: DistributionProps) {
  const most = Math.max(...buckets.map(({ units }) => units), 1)
  return (
    <div>
      <h3 className="mb-2 text-sm font-medium">{title}</h3>
      <ul className="space-y-1 text-sm">
        {buckets.map(({ units, holds }, index) => (
          <li
            key={boundsSeconds[index] ?? "rest"}
            className="grid grid-cols-[4.5rem_1fr_4rem] items-center gap-2"
          >
            <span className="text-muted">{rangeName(index, boundsSeconds)}</span>
            <span className="h-2.5 rounded-full bg-sunken">
              <span
                className={`${color} block h-full rounded-full`}
                style={{ width: `${(100 * units) / most}%` }}
                title={`${count(holds)} holds`}
              />
            </span>
            <span className="text-right">{count(units)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function rangeName(index: number, boundsSeconds: readonly number[]): string {
  const bound = boundsSeconds[index]
  return bound === undefined
    ? `${duration(1_000 * (boundsSeconds.at(-1) ?? 0))} +`
    : `< ${duration(1_000 * bound)}`
}
