/** For whoever runs the service. */
import { ask } from "../call.ts"
import type { Context } from "../context.ts"
import { read } from "../operation.ts"
import type { CallOptions } from "../options.ts"
import type { Health, Statistics, Verification, VerificationFilter, VerificationList } from "../wire.ts"

export interface ServiceHealth {
  /** Whether the process is up. */
  live(options?: CallOptions): Promise<Pick<Health, "status">>
  /** Whether requests can be answered; if not, the problem `unavailable` says why, at once. */
  ready(options?: CallOptions): Promise<Health>
  /** The same, with how sinks of events and the read replica are. */
  readyInDetail(options?: CallOptions): Promise<Health>
  /** What the process that answers has counted since it started, to be read once a second. */
  statistics(options?: CallOptions): Promise<Statistics>
  /** What came of the last runs of `earmark verify`, newest first; empty when there was none. */
  verifications(filter?: VerificationFilter, options?: CallOptions): Promise<readonly Verification[]>
  /** What Prometheus reads. */
  metrics(options?: CallOptions): Promise<string>
}

/** Whoever asks wants to know how it is now, not how it is once it is well. */
const ONCE = { retries: 0 }

export function healthOf(context: Context): ServiceHealth {
  return {
    live: (options) => ask(context, read("/livez"), { ...ONCE, ...options }),
    ready: (options) => ask(context, read("/readyz"), { ...ONCE, ...options }),
    readyInDetail: (options) => ask(context, read("/readyz", { verbose: "1" }), { ...ONCE, ...options }),
    statistics: (options) => ask(context, read("/v1/statistics"), { ...ONCE, ...options }),
    async verifications(filter = {}, options) {
      const asked = read("/v1/verifications", { ...filter })
      const { data } = await ask<VerificationList>(context, asked, { ...ONCE, ...options })
      return data
    },
    metrics: (options) => ask(context, read("/metrics"), { ...ONCE, ...options }),
  }
}
