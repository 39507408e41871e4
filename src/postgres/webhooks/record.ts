/** What came of attempts: many of them, what becomes of their deliveries, and how the endpoint does, in one statement. */
import type { DeliveryReport, ReportedAttempt } from "../../engine/delivery-store.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"

/**
 * An attempt counts when it is the next one of a delivery that waits, so that a report which comes twice, or from two
 * workers, counts once. How the endpoint does is told by the worker that it belongs to.
 */
const recordAttempts = defineStatement<
  [
    webhook: string,
    owner: string,
    deliveryIds: string,
    numbers: string,
    states: string[],
    pausesMs: string,
    durationsMs: string,
    outcomes: string[],
    statuses: string,
    reasons: (string | null)[],
    excerpts: string[],
    circuitState: string,
    circuitFailures: number,
    circuitOpenings: number,
    circuitInMs: number,
    isGone: boolean,
  ]
>(
  "record_attempts",
  `with reported as (
     select *
     from unnest($3::bigint[], $4::int[], $5::text[], $6::bigint[], $7::int[], $8::text[], $9::int[], $10::text[], $11::text[])
       as r(id, number, state, pause_ms, duration_ms, outcome, status, reason, excerpt)
   ),
   counted as (
     update earmark.webhook_deliveries d
     set state = r.state, attempts = r.number,
       failures = case when r.state = 'delivered' then 0 else d.failures + 1 end,
       next_attempt_at = clock_timestamp() + r.pause_ms * interval '1 millisecond',
       settled_at = case when r.state = 'waiting' then null else clock_timestamp() end
     from reported r
     where d.webhook_id = $1 and d.id = any($3::bigint[]) and d.id = r.id
       and d.state = 'waiting' and d.attempts = r.number - 1
     returning d.webhook_id, d.event, d.kind, r.*
   ),
   logged as (
     insert into earmark.webhook_attempts
       (webhook_id, delivery_id, number, at, duration_ms, outcome, status, reason, excerpt)
     select c.webhook_id, c.id, c.number, clock_timestamp() - c.duration_ms * interval '1 millisecond',
       c.duration_ms, c.outcome, c.status, c.reason, c.excerpt
     from counted c
   ),
   buried as (
     insert into earmark.dead_events (sink, event, reason)
     select 'webhook:' || c.webhook_id, c.event, c.number || ' attempts failed; the last one: ' || c.reason
     from counted c
     where c.state = 'failed' and c.kind <> 'test'
     order by c.id
   ),
   -- All of them are counted before the webhook is locked, as everybody does who locks both.
   summary as (
     select count(*) filter (where c.outcome = 'delivered') as delivered,
       count(*) filter (where c.outcome <> 'delivered') as failed,
       (array_agg(c.reason order by c.id desc) filter (where c.outcome <> 'delivered'))[1] as failure
     from counted c
   ),
   endpoint as (
     update earmark.webhooks w
     set circuit_state = $12, circuit_failures = $13::int, circuit_openings = $14::int,
       circuit_until = clock_timestamp() + $15::float8 * interval '1 millisecond',
       delivered_at = case when s.delivered > 0 then clock_timestamp() else w.delivered_at end,
       failed_at = case when s.failed > 0 then clock_timestamp() else w.failed_at end,
       failure = coalesce(s.failure, w.failure),
       disabled_at = case when $16::boolean then coalesce(w.disabled_at, clock_timestamp()) else w.disabled_at end,
       disabled_reason = case when $16::boolean then coalesce(w.disabled_reason, 'gone') else w.disabled_reason end
     from summary s
     where w.id = $1 and w.claimed_by = $2::uuid
   )
   select id from counted`,
)

export function recordStatement(
  schema: string,
  { id, owner }: { readonly id: string; readonly owner: string },
  { attempts, circuit, isGone }: DeliveryReport,
): Statement {
  const each = <T>(of: (attempt: ReportedAttempt) => T) => attempts.map(of)
  return recordAttempts(
    schema,
    id,
    owner,
    arrayOf(each(({ deliveryId }) => deliveryId)),
    arrayOf(each(({ number }) => number)),
    each(({ verdict }) => verdict.state),
    arrayOf(each(({ verdict }) => (verdict.state === "waiting" ? verdict.pauseMs : 0))),
    arrayOf(each(({ durationMs }) => durationMs)),
    each(({ outcome }) => outcome),
    arrayOf(each(({ status }) => status)),
    each(({ reason }) => reason),
    each(({ excerpt }) => excerpt),
    circuit.state,
    circuit.failures,
    circuit.openings,
    circuit.untilInMs,
    isGone,
  )
}
