/** A test is owed to one webhook and was never in the feed. */
import type { WebhookDelivery } from "../../engine/webhook-views.ts"
import type { Database } from "../database.ts"
import { write } from "../query.ts"
import { defineStatement } from "../statement.ts"
import { DELIVERY_COLUMNS, toDelivery } from "./views.ts"

const insertTest = defineStatement<[webhook: string, eventId: string, event: string]>(
  "insert_test_delivery",
  `with told as (
     update earmark.webhooks w set revision = w.revision + 1 where w.id = $1 returning w.id
   ),
   owed as (
     insert into earmark.webhook_deliveries (webhook_id, event_id, event, skus, kind)
     select t.id, $2, $3::json, '{}', 'test' from told t
     -- Sent again, it may meet itself.
     on conflict (webhook_id, event_id) do update set kind = 'test'
     returning *
   )
   select ${DELIVERY_COLUMNS} from owed d`,
)

export async function addTest(
  database: Database,
  id: string,
  event: { readonly id: string; readonly json: string },
): Promise<WebhookDelivery | null> {
  const [row] = await write(database, insertTest(database.schema, id, event.id, event.json))
  return row ? toDelivery(row) : null
}
