/** A sale of the theatre as it goes, over any number of connections. */
import type { Context } from "../context.ts"
import { path } from "../operation.ts"
import type { FollowOptions } from "../options.ts"
import type { Sale } from "../wire.ts"
import { connectTo } from "./connection.ts"
import { follow, silenceMsMaxOf } from "./following.ts"

/** The service tells ten times a second. */
const SILENCE_MS_MAX = 5_000

const FINAL: readonly Sale["state"][] = ["finished", "stopped", "failed"]

export function followSale(context: Context, id: string, options: FollowOptions): AsyncGenerator<Sale, void> {
  const silenceMsMax = silenceMsMaxOf(options, SILENCE_MS_MAX)
  const connect = () =>
    connectTo({
      context,
      path: path`/v1/theatre/sales/${id}/stream`,
      options,
      silenceMsMax,
      read: ({ data }) => (data === null ? null : (JSON.parse(data) as Sale)),
      isLast: ({ state }) => FINAL.includes(state),
    })
  return follow({ context, options, connect })
}
