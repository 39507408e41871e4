/** Deliveries of one webhook, for those who look at them. */
import type { Page } from "../../engine/views.ts"
import type { DeliveryFilter } from "../../engine/webhook-store.ts"
import type { WebhookDelivery, WebhookDeliveryDetail } from "../../engine/webhook-views.ts"
import type { Database } from "../database.ts"
import { read, write } from "../query.ts"
import { decodeCursor, encodeCursor, limitOf, pageOf } from "../reads/cursor.ts"
import { Filter } from "../reads/filter.ts"
import { milliseconds } from "../rows.ts"
import { defineStatement } from "../statement.ts"
import { DELIVERY_COLUMNS, toAttempt, toDelivery } from "./views.ts"

/** Of one delivery; those of a day and some asked for by hand are fewer. */
const ATTEMPTS_SHOWN_MAX = 100

const webhookExists = defineStatement<[id: string]>(
  "webhook_exists",
  "select w.id from earmark.webhooks w where w.id = $1",
)

const readOne = defineStatement<[webhook: string, id: number]>(
  "read_delivery",
  `select ${DELIVERY_COLUMNS}, d.event::text as body
   from earmark.webhook_deliveries d
   where d.webhook_id = $1 and d.id = $2::bigint`,
)

const readAttempts = defineStatement<[webhook: string, deliveryId: number]>(
  "read_attempts",
  `select a.number, ${milliseconds("a.at")} as at_ms, a.duration_ms, a.outcome, a.status, a.reason, a.excerpt
   from earmark.webhook_attempts a
   where a.webhook_id = $1 and a.delivery_id = $2::bigint
   order by a.number desc
   limit ${ATTEMPTS_SHOWN_MAX}`,
)

/** What was given up, and is a dead letter too, is none any more. */
const redeliverOne = defineStatement<[webhook: string, id: number]>(
  "redeliver",
  `with owed as (
     update earmark.webhook_deliveries d
     set state = 'waiting', next_attempt_at = clock_timestamp(), settled_at = null,
       kind = case when d.state = 'waiting' or d.kind = 'test' then d.kind else 'again' end,
       failures = case when d.state = 'waiting' then d.failures else 0 end
     where d.webhook_id = $1 and d.id = $2::bigint
     returning d.*
   ),
   told as (
     update earmark.webhooks w set revision = w.revision + 1 from owed o where w.id = o.webhook_id
   ),
   letters as (
     delete from earmark.dead_events e
     where e.sink = 'webhook:' || $1 and e.event ->> 'id' = (select o.event_id from owed o)
   )
   select ${DELIVERY_COLUMNS} from owed d`,
)

/** Newest first. */
export async function listDeliveries(
  database: Database,
  id: string,
  filter: DeliveryFilter,
): Promise<Page<WebhookDelivery> | null> {
  const limit = limitOf(filter)
  const list = `deliveries of ${id}`
  const after = decodeCursor(list, filter.cursor, (key) => /^\d{1,18}$/.test(key))
  if ((await read(database, webhookExists(database.schema, id))).length === 0) return null
  const statement = new Filter()
    .whereGiven("d.webhook_id = ?", id)
    .whereGiven("d.state = ?", filter.state)
    .whereGiven("d.id < ?::bigint", after)
    .statement(database.schema, `select ${DELIVERY_COLUMNS} from earmark.webhook_deliveries d`, {
      orderBy: "d.id desc",
      limit: limit + 1,
    })
  const deliveries = (await read(database, statement)).map(toDelivery)
  return pageOf(deliveries, limit, (last) => encodeCursor(list, String(last.id)))
}

export async function readDelivery(
  database: Database,
  webhook: string,
  id: number,
): Promise<WebhookDeliveryDetail | null> {
  const [row] = await read(database, readOne(database.schema, webhook, id))
  if (!row) return null
  const attempts = await read(database, readAttempts(database.schema, webhook, id))
  return { ...toDelivery(row), body: String(row["body"]), log: attempts.map(toAttempt).reverse() }
}

export async function redeliver(
  database: Database,
  webhook: string,
  id: number,
): Promise<WebhookDelivery | null> {
  const [row] = await write(database, redeliverOne(database.schema, webhook, id))
  return row ? toDelivery(row) : null
}
