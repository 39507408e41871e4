/** Stock of a service, made and counted over HTTP as its users do. */

import { LOCATION, PLENTY } from "../units.ts"

/** A new item with plenty of units, so that each round is counted by itself. */
export async function stockUp(url: URL): Promise<string> {
  const sku = `ITEM-${crypto.randomUUID().slice(0, 8)}`
  await call(url, "PUT", `/v1/locations/${LOCATION}`, { name: LOCATION })
  await call(url, "PUT", `/v1/items/${sku}`, { name: sku })
  await call(url, "POST", "/v1/stock/adjustments", {
    sku,
    location: LOCATION,
    delta: PLENTY,
    reason: "received",
  })
  return sku
}

/** To be called while nobody is asking. @param granted one unit for each answer that said so */
export async function countUnits(
  url: URL,
  sku: string,
  granted: number,
): Promise<{ oversold: number; leaked: number }> {
  const { onHand, held } = (await call(url, "GET", `/v1/items/${sku}/availability`)) as {
    onHand: number
    held: number
  }
  return {
    oversold: Math.max(0, granted - PLENTY),
    leaked: Math.abs(held - granted) + Math.abs(onHand - PLENTY),
  }
}

async function call(url: URL, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(new URL(path, url), {
    method,
    // Nothing of ours is open when the service is measured, or asked to stop.
    headers: { connection: "close", ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}
