/** What workers ask and say while they deliver to webhooks. */
import type {
  DeliveryKind,
  DeliveryReport,
  DeliveryStore,
  OwedEvent,
  StoredCircuit,
  StoredEndpoint,
  WaitingDelivery,
} from "../../engine/delivery-store.ts"
import type { Database } from "../database.ts"
import { read, write } from "../query.ts"
import { milliseconds } from "../rows.ts"
import { arrayOf, defineStatement } from "../statement.ts"
import { listOrNull } from "./lists.ts"
import { recordStatement } from "./record.ts"

type Row = Record<string, unknown>

/** A worker that is not heard of for so long is taken for dead. Longer than an attempt and a pause between renewals together. */
const CLAIM_SECONDS = 20
/** Settled deliveries are for looking at, and for telling what comes twice; the journal has what happened for longer. */
const KEPT_DAYS = 3
/** Of each webhook; at a kilobyte or two, some megabytes. */
const KEPT_MAX = 10_000
/** Dropped in one statement: some tens of milliseconds. */
const PRUNE_MAX = 5000

const inMs = (moment: string) => `ceil(extract(epoch from ${moment} - clock_timestamp()) * 1000)::bigint`

const readEndpoints = defineStatement<[owner: string]>(
  "read_endpoints",
  `select w.id, w.url, to_json(w.types)::text as types, to_json(w.skus)::text as skus, w.secrets::text as secrets,
     w.disabled_at is not null as disabled, w.revision,
     w.circuit_state, w.circuit_failures, w.circuit_openings, ${inMs("w.circuit_until")} as circuit_in_ms,
     ${milliseconds("clock_timestamp()")} as now_ms,
     case
       when w.claimed_until is null or w.claimed_until <= clock_timestamp() then 'free'
       when w.claimed_by = $1::uuid then 'ours'
       else 'taken'
     end as claim
   from earmark.webhooks w
   order by w.id`,
)

const claimEndpoints = defineStatement<[owner: string, ids: string[]]>(
  "claim_endpoints",
  `update earmark.webhooks w
   set claimed_by = $1::uuid, claimed_until = clock_timestamp() + interval '${CLAIM_SECONDS} seconds'
   where w.id = any($2::text[]) and w.disabled_at is null
     and (w.claimed_until is null or w.claimed_until <= clock_timestamp() or w.claimed_by = $1::uuid)
   returning w.id`,
)

const releaseEndpoints = defineStatement<[owner: string, ids: string[]]>(
  "release_endpoints",
  `update earmark.webhooks w
   set claimed_by = null, claimed_until = null
   where w.id = any($2::text[]) and w.claimed_by = $1::uuid`,
)

/**
 * The lock on the webhook keeps another worker from taking it over in the meantime: what the former one owes cannot appear
 * below what the next one has read already. What was given up, and is told again, was asked for by an operator.
 */
const enqueueDeliveries = defineStatement<
  [webhook: string, owner: string, eventIds: string[], events: string[], skus: string[]]
>(
  "enqueue_deliveries",
  `with endpoint as (
     select w.id
     from earmark.webhooks w
     where w.id = $1 and w.claimed_by = $2::uuid and w.disabled_at is null
     for share
   ),
   owed as (
     insert into earmark.webhook_deliveries (webhook_id, event_id, event, skus, kind)
     select e.id, o.event_id, o.event::json, o.skus::text[], 'feed'
     from endpoint e
     cross join unnest($3::text[], $4::text[], $5::text[]) with ordinality as o(event_id, event, skus, n)
     order by o.n
     on conflict (webhook_id, event_id) do update
     set state = 'waiting', kind = 'again', failures = 0, next_attempt_at = clock_timestamp(), settled_at = null
     where webhook_deliveries.state = 'failed'
   )
   select id from endpoint`,
)

const readWaiting = defineStatement<[webhook: string, after: number, limit: number]>(
  "read_waiting_deliveries",
  `select d.id, d.kind, d.event_id, d.event::text as body, to_json(d.skus)::text as skus, d.attempts, d.failures,
     ${inMs("d.next_attempt_at")} as due_in_ms
   from earmark.webhook_deliveries d
   where d.webhook_id = $1 and d.state = 'waiting' and d.id > $2::bigint
   order by d.id
   limit $3::int`,
)

const pruneDeliveries = defineStatement<[webhook: string]>(
  "prune_deliveries",
  `delete from earmark.webhook_deliveries d
   where d.webhook_id = $1 and d.id = any(array(
     select o.id
     from earmark.webhook_deliveries o
     where o.webhook_id = $1 and o.state <> 'waiting'
       and (o.settled_at < clock_timestamp() - interval '${KEPT_DAYS} days' or o.id <= (
         select n.id
         from earmark.webhook_deliveries n
         where n.webhook_id = $1 and n.state <> 'waiting'
         order by n.id desc
         offset ${KEPT_MAX}
         limit 1))
     order by o.id
     limit ${PRUNE_MAX}))
   returning d.id`,
)

const readStatus = defineStatement<[]>(
  "read_webhooks_status",
  `select count(*) filter (where w.disabled_at is null) as enabled, count(w.disabled_at) as disabled,
     count(*) filter (where w.disabled_at is null and w.circuit_state <> 'closed') as failing,
     coalesce(sum(c.waiting), 0)::bigint as waiting
   from earmark.webhooks w
   cross join lateral (
     select count(*) as waiting
     from earmark.webhook_deliveries d
     where d.webhook_id = w.id and d.state = 'waiting') c`,
)

export function createDeliveryStore(database: Database): DeliveryStore {
  const { schema } = database
  return {
    async endpoints(owner) {
      return (await read(database, readEndpoints(schema, owner))).map(toEndpoint)
    },
    async claim(owner, ids) {
      return (await write(database, claimEndpoints(schema, owner, [...ids]))).map(({ id }) => String(id))
    },
    async release(owner, ids) {
      await write(database, releaseEndpoints(schema, owner, [...ids]))
    },
    async enqueue(id, owner, events) {
      const rows = await write(database, enqueueStatement(schema, { id, owner }, events))
      return rows.length > 0 ? "owed" : "lost"
    },
    async waiting(id, { id: after, limit }) {
      return (await read(database, readWaiting(schema, id, after, limit))).map(toWaiting)
    },
    async record(id, owner, report: DeliveryReport) {
      await write(database, recordStatement(schema, { id, owner }, report))
    },
    async prune(id) {
      return (await write(database, pruneDeliveries(schema, id))).length
    },
    async status() {
      const [row = {}] = await read(database, readStatus(schema))
      const { enabled, disabled, failing, waiting } = row
      return {
        enabled: Number(enabled),
        disabled: Number(disabled),
        failing: Number(failing),
        waiting: Number(waiting),
      }
    },
  }
}

function enqueueStatement(
  schema: string,
  { id, owner }: { readonly id: string; readonly owner: string },
  events: readonly OwedEvent[],
) {
  // One statement cannot meet the same row twice.
  const once = [...new Map(events.map((one) => [one.event.id, one])).values()]
  return enqueueDeliveries(
    schema,
    id,
    owner,
    once.map(({ event }) => event.id),
    once.map(({ event }) => JSON.stringify(event)),
    once.map(({ skus }) => arrayOf(skus.map((sku) => `"${sku}"`))),
  )
}

function toEndpoint(row: Row): StoredEndpoint {
  return {
    id: String(row["id"]),
    url: String(row["url"]),
    types: listOrNull(row["types"]),
    skus: listOrNull(row["skus"]),
    secrets: secretsOf(row),
    isDisabled: row["disabled"] === true,
    revision: Number(row["revision"]),
    circuit: {
      state: row["circuit_state"] as StoredCircuit["state"],
      failures: Number(row["circuit_failures"]),
      openings: Number(row["circuit_openings"]),
      untilInMs: Number(row["circuit_in_ms"] ?? 0),
    },
    claim: row["claim"] as StoredEndpoint["claim"],
  }
}

function secretsOf(row: Row): StoredEndpoint["secrets"] {
  const secrets = JSON.parse(String(row["secrets"])) as { secret: string; valid_until_ms: number | null }[]
  return secrets.map(({ secret, valid_until_ms: untilMs }) => ({
    secret,
    goodForMs: untilMs === null ? null : untilMs - Number(row["now_ms"]),
  }))
}

function toWaiting(row: Row): WaitingDelivery {
  return {
    id: Number(row["id"]),
    kind: row["kind"] as DeliveryKind,
    eventId: String(row["event_id"]),
    body: String(row["body"]),
    skus: JSON.parse(String(row["skus"])) as string[],
    attempts: Number(row["attempts"]),
    failures: Number(row["failures"]),
    dueInMs: Number(row["due_in_ms"]),
  }
}
