import { randomFillSync } from "node:crypto"
import type { Command, OutcomeOf } from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import { createIdSource, type IdSource } from "../core/ids.ts"
import { type EngineObserver, SILENT_OBSERVER, type Store, type Strategy } from "./ports.ts"
import type { CallOptions } from "./requests.ts"

export interface HoldSettings {
  readonly ttlSecondsDefault: number
  readonly ttlSecondsMax: number
  readonly lifetimeSecondsMax: number
}

export const HOLD_SETTINGS_DEFAULT: HoldSettings = {
  ttlSecondsDefault: 600,
  ttlSecondsMax: 86_400,
  lifetimeSecondsMax: 604_800,
}

export interface EngineOptions {
  readonly strategy: Strategy
  readonly store: Store
  readonly holds?: HoldSettings
  readonly observer?: EngineObserver
}

/** What every operation is given first. */
export interface EngineContext {
  readonly strategy: Strategy
  readonly store: Store
  readonly holds: HoldSettings
  readonly observer: EngineObserver
  readonly ids: IdSource
}

export function createContext(options: EngineOptions): EngineContext {
  return {
    strategy: options.strategy,
    store: options.store,
    holds: options.holds ?? HOLD_SETTINGS_DEFAULT,
    observer: options.observer ?? SILENT_OBSERVER,
    ids: createIds(),
  }
}

export function createIds(): IdSource {
  return createIdSource(Date.now, createRandomSource())
}

/** Submits a command to the strategy, in the caller's transaction if there is one, and counts what came of it. */
export async function submit<C extends Command>(
  context: EngineContext,
  asked: C,
  { tx, origin }: CallOptions,
): Promise<OutcomeOf<C>> {
  const { strategy, observer } = context
  const command = origin ? { ...asked, origin } : asked
  const startedMs = performance.now()
  const seconds = () => (performance.now() - startedMs) / 1000
  try {
    const outcome = await (tx ? strategy.submitWithin(tx, command) : strategy.submit(command))
    observer.operation(command.kind, outcome.outcome, seconds())
    return outcome
  } catch (error) {
    observer.operation(command.kind, error instanceof EarmarkError ? error.code : "internal", seconds())
    throw error
  }
}

/** Bytes drawn from the system at once: one call for some 680 ids. */
const RANDOM_POOL_BYTES = 4096

function createRandomSource(): () => Uint8Array {
  const pool = new Uint8Array(RANDOM_POOL_BYTES)
  let used = pool.length
  return () => {
    if (used + 6 > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += 6
    return pool.subarray(used - 6, used)
  }
}
