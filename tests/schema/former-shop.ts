/**
 * A shop as version 0.1.0 left it, before there were periods: reservations in every state with all that came with them.
 * The fingerprints are those that version 0.1.0 made.
 */
import type { AdjustRequest, ReserveRequest } from "../../src/index.ts"

/** Level ids, which do not rise with sku and location: by those lines are shown. */
export const LEVELS = {
  MUG_LAX: { id: 1, sku: "MUG", location: "LAX" },
  CUP_LAX: { id: 2, sku: "CUP", location: "LAX" },
  MUG_JFK: { id: 3, sku: "MUG", location: "JFK" },
} as const
export type LevelName = keyof typeof LEVELS

interface Key {
  readonly key: string
  readonly fingerprint: string
}

export interface FormerAdjustment {
  readonly level: LevelName
  readonly delta: number
  readonly reason: string
  readonly reference?: string
  readonly key?: Key
}

export interface FormerReservation {
  readonly id: string
  readonly state: "held" | "confirmed" | "released" | "expired"
  /** As they are shown. */
  readonly lines: readonly { readonly level: LevelName; readonly quantity: number }[]
  readonly customerId?: string
  readonly ttlSeconds: number
  /** From now, as the other two. */
  readonly createdInMs: number
  readonly expiresInMs: number
  readonly updatedInMs: number
  /** Whether the deadline was moved when it was last updated. */
  readonly extended?: true
  readonly reference?: string
  readonly reason?: string
  readonly metadata?: Readonly<Record<string, number>>
  readonly key?: Key
}

const MINUTE_MS = 60_000
const id = (number: number) => `01973000-0000-7000-8000-00000000000${number}`
export const wireId = (uuid: string) => `rsv_${uuid.replaceAll("-", "")}`

export const ADJUSTMENTS: readonly FormerAdjustment[] = [
  {
    level: "MUG_LAX",
    delta: 20,
    reason: "received",
    key: { key: "po-1", fingerprint: "CizSpCVcQ-hfwYvtEqJJA8QwwatvHj2SErl8SgSomhA" },
  },
  { level: "CUP_LAX", delta: 10, reason: "received" },
  { level: "MUG_JFK", delta: 5, reason: "received" },
  {
    level: "MUG_LAX",
    delta: -1,
    reason: "damaged",
    reference: "claim-7",
    key: { key: "Größe 7 – ✓", fingerprint: "5heaC3WjK4CRr1oX1eL_8YFuWEZnc97bpfQTwzJNqjw" },
  },
]

/** What is left aside of the CUP at LAX. */
export const SAFETY_STOCK = 2

export const BASKET: FormerReservation = {
  id: id(1),
  state: "held",
  customerId: "c-1",
  lines: [
    { level: "CUP_LAX", quantity: 2 },
    { level: "MUG_JFK", quantity: 1 },
    { level: "MUG_LAX", quantity: 3 },
  ],
  ttlSeconds: 3600,
  createdInMs: -30 * MINUTE_MS,
  expiresInMs: 100 * MINUTE_MS,
  updatedInMs: -20 * MINUTE_MS,
  extended: true,
  metadata: { cart: 7 },
  key: { key: "cart-1", fingerprint: "n9_qYGFnfdkkh9_poCusTtcCUYWe6SSjTHYJngq6wnU" },
}
export const SOLD: FormerReservation = {
  id: id(2),
  state: "confirmed",
  lines: [{ level: "MUG_LAX", quantity: 1 }],
  ttlSeconds: 600,
  createdInMs: -90 * MINUTE_MS,
  expiresInMs: -80 * MINUTE_MS,
  updatedInMs: -85 * MINUTE_MS,
  reference: "order-1",
  key: { key: "cart-2", fingerprint: "oA3fykVeYpQ-Vh9qjr1J20GNnIhN3047yMQyDQGY7iM" },
}
export const OVERDUE: FormerReservation = {
  id: id(3),
  state: "held",
  customerId: "c-2",
  lines: [{ level: "MUG_LAX", quantity: 2 }],
  ttlSeconds: 600,
  createdInMs: -11 * MINUTE_MS,
  expiresInMs: -MINUTE_MS,
  updatedInMs: -11 * MINUTE_MS,
}
const REPLACED: FormerReservation = {
  id: id(4),
  state: "released",
  customerId: "c-2",
  lines: [
    { level: "MUG_JFK", quantity: 1 },
    { level: "MUG_LAX", quantity: 1 },
  ],
  ttlSeconds: 600,
  createdInMs: -8 * MINUTE_MS,
  expiresInMs: 2 * MINUTE_MS,
  updatedInMs: -7 * MINUTE_MS,
  reason: "replaced",
}
export const REPLACING: FormerReservation = {
  id: id(5),
  state: "held",
  customerId: "c-2",
  lines: [{ level: "MUG_LAX", quantity: 2 }],
  ttlSeconds: 600,
  createdInMs: -7 * MINUTE_MS,
  expiresInMs: 30 * MINUTE_MS,
  updatedInMs: -7 * MINUTE_MS,
  key: { key: "Korb 3 – größer", fingerprint: "Bmd0RxsIEwtP4GT3IZm6ifF2Mw5mSIGALUv6LEZk_ck" },
}
const EXPIRED: FormerReservation = {
  id: id(6),
  state: "expired",
  lines: [{ level: "CUP_LAX", quantity: 4 }],
  ttlSeconds: 600,
  createdInMs: -50 * MINUTE_MS,
  expiresInMs: -40 * MINUTE_MS,
  updatedInMs: -39 * MINUTE_MS,
}
export const HELD: FormerReservation = {
  id: id(7),
  state: "held",
  customerId: "c-3",
  lines: [{ level: "CUP_LAX", quantity: 1 }],
  ttlSeconds: 1800,
  createdInMs: -MINUTE_MS,
  expiresInMs: 29 * MINUTE_MS,
  updatedInMs: -MINUTE_MS,
}
/** Oldest first. */
export const RESERVATIONS = [BASKET, SOLD, OVERDUE, REPLACED, REPLACING, EXPIRED, HELD]

/** What had been sent with keys. */
export const REQUESTS = {
  basket: {
    customerId: "c-1",
    lines: [
      { sku: "MUG", quantity: 3, location: "LAX" },
      { sku: "CUP", quantity: 2 },
      { sku: "MUG", quantity: 1, location: "JFK" },
    ],
    ttlSeconds: 3600,
    metadata: { cart: 7 },
    idempotencyKey: "cart-1",
  },
  sold: { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "cart-2" },
  replacing: {
    customerId: "c-2",
    lines: [{ sku: "MUG", quantity: 2 }],
    replaces: wireId(REPLACED.id),
    idempotencyKey: "Korb 3 – größer",
  },
} as const satisfies Record<string, ReserveRequest>

export const ADJUST_REQUESTS = {
  received: { sku: "MUG", location: "LAX", delta: 20, reason: "received", idempotencyKey: "po-1" },
  damaged: {
    sku: "MUG",
    location: "LAX",
    delta: -1,
    reason: "damaged",
    reference: "claim-7",
    idempotencyKey: "Größe 7 – ✓",
  },
} as const satisfies Record<string, AdjustRequest>
