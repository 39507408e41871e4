import { Link } from "@tanstack/react-router"
import type { Health, Statistics } from "earmark/client"
import type { ReactNode } from "react"
import { Badge, type Tone } from "../../ui/badge.tsx"
import { Moment } from "../../ui/moment.tsx"
import { count, duration } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"
import { useVerifications } from "../verifications/use-verifications.ts"

/** From so much on somebody should look. */
const LAG_SECONDS_MAX = 30

interface BehindProps {
  readonly health: Health | undefined
  readonly latest: Statistics
}

/** How far behind is what works in the background: none of it keeps anybody from reserving. */
export function BehindPanel({ health, latest }: BehindProps) {
  const { sweep, redis } = latest
  const sinks = health?.sinks ?? []
  return (
    <Panel title="What runs behind">
      <ul className="divide-y divide-line">
        <LawsRow />
        <Row name="Sweep" {...lag(sweep.lagSeconds)}>
          {count(sweep.expiredHolds)} expired by this process
        </Row>
        {sinks.map((sink) => (
          <Row
            key={sink.name}
            name={
              <Link to="/console/sinks" className="text-accent underline">
                {sink.name}
              </Link>
            }
            {...(sink.failure ? { tone: "bad" as const, says: "failing" } : lag(sink.lagSeconds))}
          >
            {sink.failure?.reason ?? `${count(sink.deadEvents)} dead letters`}
          </Row>
        ))}
        {redis.shards.map(({ shard, isOpen, grants, lagSeconds }) => (
          <Row
            key={shard}
            name={`Redis shard ${shard}`}
            {...(isOpen ? lag(lagSeconds ?? 0) : { tone: "warn" as const, says: "Postgres stands in" })}
          >
            {grants === null ? "not seen yet" : `${count(grants)} grants to persist`}
          </Row>
        ))}
        {health?.replica && (
          <Row
            name="Read replica"
            tone={health.replica.state === "fresh" ? "good" : "warn"}
            says={health.replica.state}
          >
            {health.replica.ageSeconds === null ? "" : `${duration(1_000 * health.replica.ageSeconds)} old`}
          </Row>
        )}
      </ul>
      {sinks.length === 0 && (
        <p className="mt-3 text-sm text-muted">
          Nobody is told of events yet: add a{" "}
          <Link to="/console/webhooks" className="text-accent underline">
            webhook
          </Link>
          , or set <code>EARMARK_KAFKA_URL</code> or <code>EARMARK_EVENT_STREAM_URL</code>.
        </p>
      )}
    </Panel>
  )
}

function LawsRow() {
  const { data } = useVerifications(1)
  if (data === undefined) return null
  const [run] = data
  const result =
    run &&
    (run.holds ? { tone: "good" as const, says: "all hold" } : { tone: "bad" as const, says: "broken" })
  return (
    <Row
      name={
        <Link to="/console/verifications" className="text-accent underline">
          Laws
        </Link>
      }
      {...(result ?? { tone: "neutral" as const, says: "never" })}
    >
      {run ? (
        <>
          verified <Moment at={run.at} />
        </>
      ) : (
        "not verified yet"
      )}
    </Row>
  )
}

interface RowProps {
  readonly name: ReactNode
  readonly tone: Tone
  readonly says: string
  readonly children: ReactNode
}

function Row({ name, tone, says, children }: RowProps) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 py-2 first:pt-0">
      <span className="min-w-0 font-medium break-words">{name}</span>
      <span className="flex min-w-0 items-center gap-3 text-sm text-muted">
        <span className="min-w-0 break-words">{children}</span>
        <Badge tone={tone}>{says}</Badge>
      </span>
    </li>
  )
}

function lag(seconds: number): { tone: Tone; says: string } {
  if (seconds === 0) return { tone: "good", says: "up to date" }
  const says = `${duration(1_000 * seconds)} behind`
  return { tone: seconds > LAG_SECONDS_MAX ? "warn" : "good", says }
}
