/** Whatever an operator has in hand, looked for everywhere at once. */
import { type Item, isProblem, type Location, type Reservation, type Webhook } from "earmark/client"
import { operator } from "../../api/client.ts"

/** Of each kind: whoever needs more has the page of that kind, with its filters. */
const FOUND_MAX = 10

export interface Found {
  readonly reservation: Reservation | null
  readonly webhooks: readonly Webhook[]
  readonly items: readonly Item[]
  readonly locations: readonly Location[]
  readonly ofCustomer: readonly Reservation[]
}

export async function find(q: string, signal: AbortSignal): Promise<Found> {
  const options = { signal }
  const [reservation, webhooks, items, locations, ofCustomer] = await Promise.all([
    orNull(q.startsWith("rsv_"), () => operator.reservations.get(q, options)),
    webhooksLike(q, signal),
    orNull(true, () => operator.items.list({ q, limit: FOUND_MAX }, options).page()),
    operator.locations.list({ limit: LOCATIONS_MAX }, options).page(),
    orNull(true, () => operator.reservations.list({ customerId: q, limit: FOUND_MAX }, options).page()),
  ])
  return {
    reservation,
    webhooks,
    items: await withExact(q, items?.data ?? [], signal),
    locations: locations.data.filter(({ code, name }) => isLike(q, code, name)).slice(0, FOUND_MAX),
    ofCustomer: ofCustomer?.data ?? [],
  }
}

/** There are few: as many as one answer has are looked through. */
const LOCATIONS_MAX = 200
const WEBHOOKS_MAX = 200

async function webhooksLike(q: string, signal: AbortSignal): Promise<readonly Webhook[]> {
  if (q.startsWith("whk_")) {
    const webhook = await orNull(true, () => operator.webhooks.get(q, { signal }))
    return webhook === null ? [] : [webhook]
  }
  const { data } = await operator.webhooks.list({ limit: WEBHOOKS_MAX }, { signal }).page()
  return data.filter(({ url, description }) => isLike(q, url, description ?? "")).slice(0, FOUND_MAX)
}

/** Many may have it as a part of their name: the one whose sku it is comes first all the same. */
async function withExact(q: string, items: readonly Item[], signal: AbortSignal): Promise<readonly Item[]> {
  const isThere = items.length < FOUND_MAX || items.some(({ sku }) => sku === q)
  const exact = isThere ? null : await orNull(true, () => operator.items.get(q, { signal }))
  return exact === null ? items : [exact, ...items.slice(0, FOUND_MAX - 1)]
}

/** That there is no such thing is an answer here, and so is that it cannot be one. */
async function orNull<One>(isAsked: boolean, read: () => Promise<One>): Promise<One | null> {
  if (!isAsked) return null
  try {
    return await read()
  } catch (error) {
    if (isProblem(error) && (error.status === 404 || error.code === "invalid_request")) return null
    throw error
  }
}

function isLike(q: string, ...texts: readonly string[]): boolean {
  return texts.some((text) => text.toLowerCase().includes(q.toLowerCase()))
}

/** Where an operator goes at once: the only thing that is called just so. */
export type Hit = {
  readonly to: "reservation" | "webhook" | "sku" | "location" | "customer"
  readonly id: string
} | null

export function exactHit(q: string, { reservation, webhooks, items, locations, ofCustomer }: Found): Hit {
  const hits: NonNullable<Hit>[] = []
  if (reservation !== null) hits.push({ to: "reservation", id: reservation.id })
  if (webhooks.some(({ id }) => id === q)) hits.push({ to: "webhook", id: q })
  if (items.some(({ sku }) => sku === q)) hits.push({ to: "sku", id: q })
  if (locations.some(({ code }) => code === q)) hits.push({ to: "location", id: q })
  if (ofCustomer.length > 0) hits.push({ to: "customer", id: q })
  return hits.length === 1 ? (hits[0] ?? null) : null
}
