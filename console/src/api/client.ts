import { type Client, createClient } from "earmark/client"

/** Whoever only asks, and shoppers: the journal says that the shop did it. */
export const shop: Client = clientFor("shop")
/** What an operator does from the console. */
export const operator: Client = clientFor("console")

function clientFor(actor: string): Client {
  return createClient({ baseUrl: location.origin, actor })
}
