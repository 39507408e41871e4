/**
 * A program: puts load on a service. A process of its own, so that it shares no event loop and no garbage collector with
 * anything. It takes one order after the other, and ends when whoever gives them has gone.
 */
import { encodeIntoCompressedBase64 } from "hdr-histogram-js"
import { Connection } from "./connection.ts"
import type { LoadOrder, LoadReply } from "./load-order.ts"
import { putLoad } from "./put-load.ts"

process.on("message", (order: LoadOrder) => {
  void carryOut(order).then((reply) => process.send?.(reply))
})
process.once("disconnect", () => process.exit())

async function carryOut(order: LoadOrder): Promise<LoadReply> {
  const connections: Connection[] = []
  try {
    for (let count = order.connections; count > 0; count -= 1) {
      connections.push(await Connection.open(new URL(order.url)))
    }
    const before = process.cpuUsage()
    const { answers, seconds, latencies } = await putLoad(order, connections)
    const { user, system } = process.cpuUsage(before)
    const cpuSeconds = (user + system) / 1e6
    return { answers, seconds, cpuSeconds, latencies: encodeIntoCompressedBase64(latencies) }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  } finally {
    for (const connection of connections) connection.close()
  }
}
