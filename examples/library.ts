/** The library in one script: stock, reserve, confirm, and what happens when the units are gone. */
import { createEngine } from "earmark"
import { databaseUrl } from "./database-url.ts"

const engine = await createEngine({ databaseUrl: await databaseUrl() })
await engine.putItem({ sku: "POSTER", name: "Signed poster" })
await engine.putLocation({ code: "STUDIO", name: "Studio" })
const onHand = (await engine.availability("POSTER"))?.onHand ?? 0
if (onHand === 0) await engine.adjust({ sku: "POSTER", location: "STUDIO", delta: 2, reason: "received" })

const order = {
  lines: [{ sku: "POSTER", quantity: 2 }],
  customerId: "ada",
  idempotencyKey: `cart-${Date.now()}`,
}
const first = await engine.reserve(order)
if (first.outcome !== "reserved") throw new Error(`expected a reservation, was answered ${first.outcome}`)
console.log(`reserved ${first.reservation.id} until ${first.reservation.expiresAt.toISOString()}`)

// Sent twice, because the network is what it is: the same key gives the same reservation.
const again = await engine.reserve(order)
console.log(again.outcome, again.outcome === "replayed" && again.reservation.id === first.reservation.id)

// Somebody else comes too late. That is an answer, not an exception.
const late = await engine.reserve({ lines: [{ sku: "POSTER", quantity: 1 }], customerId: "bob" })
if (late.outcome === "insufficient_stock") console.log(late.outcome, late.shortages)

const sold = await engine.confirm(first.reservation.id, { reference: "order-1001" })
console.log(sold.outcome)
await engine.close()
