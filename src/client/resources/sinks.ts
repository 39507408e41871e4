/** Where events are handed on to, for whoever runs the service. */
import { ask } from "../call.ts"
import type { Context } from "../context.ts"
import { type Listing, listing } from "../listing.ts"
import { path, read, write } from "../operation.ts"
import type { CallOptions, WriteOptions } from "../options.ts"
import type { DeadLetter, DeadLetterListFilter, Replay, ReplayAnswer, Sink, SinkList } from "../wire.ts"

export interface Sinks {
  /** How far behind each is, and why. */
  list(options?: CallOptions): Promise<readonly Sink[]>
  /** What it refused for good, oldest first. */
  deadLetters(name: string, filter?: DeadLetterListFilter, options?: CallOptions): Listing<DeadLetter>
  /** Hands these on once more, or all of them. */
  replay(name: string, replay?: Replay, options?: WriteOptions): Promise<ReplayAnswer>
}

export function sinksOf(context: Context): Sinks {
  return {
    async list(options) {
      const { data } = await ask<SinkList>(context, read("/v1/sinks"), options)
      return data
    },
    deadLetters: (name, filter = {}, options) =>
      listing(context, { path: path`/v1/sinks/${name}/dead-letters`, filter, options }),
    replay: (name, replay, options) =>
      ask(context, write("POST", path`/v1/sinks/${name}/dead-letters/replay`, replay), options),
  }
}
