/** Webhooks, for those who look after them. What is to be heard of by the worker that delivers raises the revision. */
import type { Page } from "../../engine/views.ts"
import type { KeptWebhook, NewWebhook, WebhookStore } from "../../engine/webhook-store.ts"
import type { WebhookChanges, WebhookView } from "../../engine/webhook-views.ts"
import type { Database } from "../database.ts"
import { read, write } from "../query.ts"
import { decodeCursor, encodeCursor, limitOf, pageOf } from "../reads/cursor.ts"
import { Filter } from "../reads/filter.ts"
import { milliseconds, textOrNull } from "../rows.ts"
import { defineStatement } from "../statement.ts"
import { listDeliveries, readDelivery, redeliver } from "./deliveries.ts"
import { addTest } from "./tests.ts"
import { toWebhook, WEBHOOK_COLUMNS } from "./views.ts"

type Row = Record<string, unknown>

/** Each is looked at every quarter of a second, and may have some connections open. */
const WEBHOOKS_MAX = 100
/** Beside a new one: who replaces secrets so often that more are good has a reason to see the oldest end early. */
const FORMER_SECRETS_MAX = 2

const insertWebhook = defineStatement<
  [
    id: string,
    url: string,
    types: string[] | null,
    skus: string[] | null,
    description: string | null,
    secret: string,
    cursor: string,
    idempotencyKey: string | null,
    fingerprint: string | null,
  ]
>(
  "insert_webhook",
  `with made as (
     insert into earmark.webhooks (id, url, types, skus, description, secrets, idempotency_key, fingerprint)
     select $1, $2, $3::text[], $4::text[], $5,
       jsonb_build_array(jsonb_build_object('secret', $6::text, 'valid_until_ms', null)), $8, $9::uuid
     where (select count(*) from earmark.webhooks) < ${WEBHOOKS_MAX}
     on conflict do nothing
     returning *
   ),
   place as (
     insert into earmark.sinks (name, cursor)
     select 'webhook:' || m.id, $7 from made m
   )
   select ${WEBHOOK_COLUMNS} from made w`,
)

const readOne = defineStatement<[id: string]>(
  "read_webhook",
  `select ${WEBHOOK_COLUMNS} from earmark.webhooks w where w.id = $1`,
)

const readOfKey = defineStatement<[idempotencyKey: string]>(
  "read_webhook_of_key",
  `select ${WEBHOOK_COLUMNS} from earmark.webhooks w where w.idempotency_key = $1`,
)

/** What waits is made due before the webhook is changed: deliveries, then their webhook, is the order of everybody's locks. */
const changeWebhook = defineStatement<
  [
    id: string,
    url: string | null,
    setsTypes: boolean,
    types: string[] | null,
    setsSkus: boolean,
    skus: string[] | null,
    setsDescription: boolean,
    description: string | null,
    disabled: boolean | null,
  ]
>(
  "change_webhook",
  `with anew as (
     select w.id
     from earmark.webhooks w
     where w.id = $1 and (w.url <> $2 or ($9::boolean is false and w.disabled_at is not null))
   ),
   due as (
     update earmark.webhook_deliveries d
     set next_attempt_at = clock_timestamp()
     where d.webhook_id = $1 and d.state = 'waiting' and exists (select from anew)
     returning d.id
   ),
   made_due as (select count(*) as deliveries from due),
   changed as (
     update earmark.webhooks w
     set url = coalesce($2, w.url),
       types = case when $3::boolean then $4::text[] else w.types end,
       skus = case when $5::boolean then $6::text[] else w.skus end,
       description = case when $7::boolean then $8 else w.description end,
       disabled_at = case
         when $9::boolean then coalesce(w.disabled_at, clock_timestamp())
         when $9::boolean is null then w.disabled_at end,
       disabled_reason = case
         when $9::boolean then coalesce(w.disabled_reason, 'operator')
         when $9::boolean is null then w.disabled_reason end,
       circuit_state = case when exists (select from anew) then 'closed' else w.circuit_state end,
       circuit_failures = case when exists (select from anew) then 0 else w.circuit_failures end,
       circuit_openings = case when exists (select from anew) then 0 else w.circuit_openings end,
       circuit_until = case when exists (select from anew) then null else w.circuit_until end,
       claimed_by = null, claimed_until = null, revision = w.revision + 1, updated_at = clock_timestamp()
     from made_due m
     where w.id = $1 and m.deliveries >= 0
     returning w.*
   )
   select ${WEBHOOK_COLUMNS} from changed w`,
)

const deleteWebhook = defineStatement<[id: string]>(
  "delete_webhook",
  `with gone as (
     delete from earmark.webhooks w where w.id = $1 returning w.id
   ),
   place as (
     delete from earmark.sinks s where s.name = 'webhook:' || $1
   ),
   letters as (
     delete from earmark.dead_events e where e.sink = 'webhook:' || $1
   )
   select id from gone`,
)

const addSecret = defineStatement<[id: string, secret: string, overlapMs: number]>(
  "add_webhook_secret",
  `with clock as (select ${milliseconds("clock_timestamp()")} as now_ms),
   changed as (
     update earmark.webhooks w
     set secrets = jsonb_build_array(jsonb_build_object('secret', $2::text, 'valid_until_ms', null)) || coalesce((
         select jsonb_agg(jsonb_build_object(
           'secret', f.former -> 'secret',
           'valid_until_ms', least((f.former ->> 'valid_until_ms')::bigint, c.now_ms + $3::bigint)) order by f.n)
         from jsonb_array_elements(w.secrets) with ordinality as f(former, n)
         where f.n <= ${FORMER_SECRETS_MAX}
           and coalesce((f.former ->> 'valid_until_ms')::bigint > c.now_ms, true) and $3::bigint > 0), '[]'),
       revision = w.revision + 1, updated_at = clock_timestamp()
     from clock c
     where w.id = $1
     returning w.*
   )
   select ${WEBHOOK_COLUMNS} from changed w`,
)

export function createWebhookStore(database: Database): WebhookStore {
  const { schema } = database
  const one = (rows: readonly Row[]): WebhookView | null => (rows[0] ? toWebhook(rows[0]) : null)
  return {
    add: (webhook) => insert(database, webhook),
    async ofKey(idempotencyKey) {
      const [row] = await read(database, readOfKey(schema, idempotencyKey))
      return row ? { ...toKept(row), fingerprint: textOrNull(row["fingerprint"]) ?? "" } : null
    },
    list: (request) => list(database, request),
    async get(id) {
      return one(await read(database, readOne(schema, id)))
    },
    async change(id, changes) {
      return one(await write(database, changeWebhook(schema, id, ...valuesOf(changes))))
    },
    async remove(id) {
      return (await write(database, deleteWebhook(schema, id))).length > 0
    },
    async addSecret(id, secret, overlapSeconds) {
      return one(await write(database, addSecret(schema, id, secret, overlapSeconds * 1000)))
    },
    addTest: (id, event) => addTest(database, id, event),
    deliveries: (id, filter) => listDeliveries(database, id, filter),
    delivery: (id, deliveryId) => readDelivery(database, id, deliveryId),
    redeliver: (id, deliveryId) => redeliver(database, id, deliveryId),
  }
}

async function insert(database: Database, webhook: NewWebhook): Promise<KeptWebhook | null> {
  const { id, url, types, skus, description, secret, cursor, key } = webhook
  const statement = insertWebhook(
    database.schema,
    id,
    url,
    types && [...types],
    skus && [...skus],
    description,
    secret,
    cursor,
    key?.idempotencyKey ?? null,
    key?.fingerprint ?? null,
  )
  // Sent again, it may meet itself.
  const [row = (await read(database, readOne(database.schema, id)))[0]] = await write(database, statement)
  return row ? toKept(row) : null
}

/** Newest first: ids rise with time. */
async function list(
  database: Database,
  request: Parameters<WebhookStore["list"]>[0],
): Promise<Page<WebhookView>> {
  const limit = limitOf(request)
  const after = decodeCursor("webhooks", request.cursor, (key) => /^whk_[0-9a-f]{32}$/.test(key))
  const statement = new Filter()
    .whereGiven("w.id < ?", after)
    .statement(database.schema, `select ${WEBHOOK_COLUMNS} from earmark.webhooks w`, {
      orderBy: "w.id desc",
      limit: limit + 1,
    })
  const webhooks = (await read(database, statement)).map(toWebhook)
  return pageOf(webhooks, limit, (last) => encodeCursor("webhooks", last.id))
}

function valuesOf({ url, types, skus, description, disabled }: WebhookChanges) {
  return [
    url ?? null,
    types !== undefined,
    types ? [...types] : null,
    skus !== undefined,
    skus ? [...skus] : null,
    description !== undefined,
    description ?? null,
    disabled ?? null,
  ] as const
}

function toKept(row: Row): KeptWebhook {
  return { webhook: toWebhook(row), secret: String(row["secret"]) }
}
