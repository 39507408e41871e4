import { ask } from "../call.ts"
import type { Context } from "../context.ts"
import { read } from "../operation.ts"
import type { CallOptions } from "../options.ts"
import type { DatabaseTime } from "../wire.ts"

export interface Clock {
  /** What the time is in the database, whose clock alone decides when a hold ends. */
  now(options?: CallOptions): Promise<DatabaseTime>
}

export function clockOf(context: Context): Clock {
  return { now: (options) => ask(context, read("/v1/time"), options) }
}
