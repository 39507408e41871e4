import { ask } from "../call.ts"
import type { Context } from "../context.ts"
import { isProblem } from "../failures.ts"
import { type Listing, listing } from "../listing.ts"
import { act, path, read, write } from "../operation.ts"
import type { CallOptions, WriteOptions } from "../options.ts"
import type {
  Delivery,
  DeliveryDetail,
  DeliveryListFilter,
  Rotation,
  Webhook,
  WebhookChanges,
  WebhookDetails,
  WebhookListFilter,
  WebhookWithSecret,
} from "../wire.ts"

export interface Webhooks {
  /** From now on events are sent there. The secret that they are signed with is shown here and nowhere else. */
  add(details: WebhookDetails, options?: WriteOptions): Promise<WebhookWithSecret>
  get(id: string, options?: CallOptions): Promise<Webhook>
  /** Newest first. */
  list(filter?: WebhookListFilter, options?: CallOptions): Listing<Webhook>
  /** What is left out stays as it is; null means all again. */
  change(id: string, changes: WebhookChanges, options?: WriteOptions): Promise<Webhook>
  remove(id: string, options?: WriteOptions): Promise<void>
  /** Each call makes another secret: it is not tried again when nobody knows whether it was carried out. */
  rotateSecret(id: string, rotation?: Rotation, options?: WriteOptions): Promise<WebhookWithSecret>
  /** Sends a test event, each time. */
  test(id: string, options?: WriteOptions): Promise<Delivery>
  /** Newest first. */
  deliveries(id: string, filter?: DeliveryListFilter, options?: CallOptions): Listing<Delivery>
  /** With what came of each attempt. */
  delivery(id: string, deliveryId: string, options?: CallOptions): Promise<DeliveryDetail>
  /** Sends an event once more, each time. */
  redeliver(id: string, deliveryId: string, options?: WriteOptions): Promise<Delivery>
}

const ALL = "/v1/webhooks"

export function webhooksOf(context: Context): Webhooks {
  return {
    add: (details, options) => ask(context, write("POST", ALL, details), options),
    get: (id, options) => ask(context, read(path`/v1/webhooks/${id}`), options),
    list: (filter = {}, options) => listing(context, { path: ALL, filter, options }),
    change: (id, changes, options) =>
      ask(context, write("PATCH", path`/v1/webhooks/${id}`, changes), options),
    async remove(id, options) {
      try {
        await ask(context, write("DELETE", path`/v1/webhooks/${id}`), options)
      } catch (error) {
        // An earlier try of this call may have removed it, and its answer was lost.
        if (!isProblem(error, "webhook_not_found") || error.notApplied) throw error
      }
    },
    rotateSecret: (id, rotation, options) =>
      ask(context, act(path`/v1/webhooks/${id}/rotate-secret`, rotation), options),
    test: (id, options) => ask(context, act(path`/v1/webhooks/${id}/test`), options),
    deliveries: (id, filter = {}, options) =>
      listing(context, { path: path`/v1/webhooks/${id}/deliveries`, filter, options }),
    delivery: (id, deliveryId, options) =>
      ask(context, read(path`/v1/webhooks/${id}/deliveries/${deliveryId}`), options),
    redeliver: (id, deliveryId, options) =>
      ask(context, act(path`/v1/webhooks/${id}/deliveries/${deliveryId}/redeliver`), options),
  }
}
