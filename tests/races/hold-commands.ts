/** What two callers may ask for at the same time, all of it about one hold of 2 units of the 3 on hand. */
import type { Engine } from "../../src/index.ts"
import type { StoredHold } from "../support/stored-hold.ts"

/** Runs the command and says in one word what came of it. */
export type HoldOperation = (engine: Engine, hold: StoredHold) => Promise<string>

export const ON_HAND = 3
export const HELD = 2

const outcomeOf = async (answer: Promise<{ outcome: string }>) => (await answer).outcome

export const HOLD_OPERATIONS = {
  confirm: (engine, { id }) => outcomeOf(engine.confirm(id, { reference: "r" })),
  release: (engine, { id }) => outcomeOf(engine.release(id)),
  extend: (engine, { id }) => outcomeOf(engine.extend(id, { ttlSeconds: 900 })),
  sweep: async (engine) => `swept ${await engine.sweep()}`,
  replace: (engine, { id, sku }) =>
    outcomeOf(
      engine.reserve({
        lines: [{ sku, quantity: ON_HAND }],
        customerId: "c-1",
        replaces: id,
        ttlSeconds: 60,
      }),
    ),
  /** Needs the units of the hold. */
  reserve: (engine, { sku }) => outcomeOf(engine.reserve({ lines: [{ sku, quantity: ON_HAND }] })),
  /** Needs units of the hold to go. */
  adjust: (engine, { sku }) =>
    outcomeOf(engine.adjust({ sku, location: "LAX", delta: -HELD, reason: "damaged" })),
} as const satisfies Record<string, HoldOperation>

export type HoldOperationName = keyof typeof HOLD_OPERATIONS

/** Each with each, and with itself. */
export function pairsOf<T>(values: readonly T[]): (readonly [T, T])[] {
  return values.flatMap((first, index) => values.slice(index).map((second) => [first, second] as const))
}
