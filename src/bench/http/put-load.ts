import { runClosedLoop, type Timed } from "../load/closed-loop.ts"
import { runOpenLoop } from "../load/open-loop.ts"
import { LOCATION } from "../units.ts"
import { type Connection, postJson } from "./connection.ts"
import { FreeConnections } from "./free-connections.ts"
import type { LoadOrder } from "./load-order.ts"

/** Reserves a unit with every request; throws when one is answered with anything but 201. */
export function putLoad(
  { url, sku, seconds, perSecond }: LoadOrder,
  connections: readonly Connection[],
): Promise<Timed> {
  const requests = new Map(
    connections.map((connection, index) => {
      const body = { customerId: `c-${index}`, lines: [{ sku, quantity: 1, location: LOCATION }] }
      return [connection, postJson(new URL(url), "/v1/reservations", body)]
    }),
  )
  const reserve = async (connection: Connection) => {
    const { status, body } = await connection.ask(requests.get(connection) as Buffer)
    if (status !== 201) throw new Error(`a reserve was answered ${status}: ${body}`)
  }
  if (perSecond === null) {
    const ask = (caller: number) => reserve(connections[caller] as Connection)
    return runClosedLoop({ callers: connections.length, seconds, ask })
  }
  const free = new FreeConnections(connections)
  return runOpenLoop({ perSecond, isOver: (elapsed) => elapsed >= seconds, ask: () => free.lend(reserve) })
}
