/** Puts the hot path together: a strategy for services, and passes for whoever runs the loops of a worker. */
import { setTimeout as pause } from "node:timers/promises"
import { EarmarkError } from "../core/errors.ts"
import { fromWireId } from "../core/ids.ts"
import type { AllotmentStore } from "../engine/allotment-store.ts"
import type { EngineObserver, Store, Strategy } from "../engine/ports.ts"
import { Allotter } from "./allotter.ts"
import { recovering } from "./ask-postgres.ts"
import { refusalOf } from "./check-server.ts"
import { type Replayed, replayDeadLetters } from "./dead-letters.ts"
import { Granting } from "./granting.ts"
import { viewGrant } from "./grants.ts"
import { HotStock, REFRESH_MS } from "./hot-stock.ts"
import { Keeper, type KeeperOptions } from "./keeper.ts"
import { SHARDS } from "./keys.ts"
import { type Lost, Outstanding } from "./outstanding.ts"
import { Persister, type Revoked } from "./persister.ts"
import { drain, type Rebuilt, rebuildShard } from "./rebuild.ts"
import { Recall } from "./recall.ts"
import type { RedisServer } from "./server.ts"
import { Shard } from "./shard.ts"
import { SharedLookup } from "./shared-lookup.ts"
import { SoldOut } from "./sold-out.ts"
import { redisStrategy } from "./strategy.ts"
import { StreamWorker } from "./stream-worker.ts"

const CLOSE_WAIT_MS = 2000
const CLOSE_LOOK_AGAIN_MS = 20

export interface HotPathOptions {
  readonly server: RedisServer
  /** The strategy that holds what Redis does not, and persists what it does. */
  readonly postgres: Strategy
  readonly allotments: AllotmentStore
  /** Tells apart several users of one Redis. */
  readonly space: string
  readonly observer: EngineObserver
  readonly freshId: (id: string) => string
  /** Grants that this process has acknowledged and Redis has lost. */
  readonly onLost?: (lost: Lost) => void
  /** Grants that could not be kept when they were persisted: they came late, or their key was taken. */
  readonly onRevoked?: (revoked: Revoked) => void
  /** How long closing waits for workers to persist what was acknowledged here; 2 seconds if not given. */
  readonly closeWaitMs?: number
  readonly onFailure?: (error: unknown) => void
}

export interface HotPath {
  readonly strategy: Strategy
  readonly shards: readonly Shard[]
  readonly hot: HotStock
  readonly persister: Persister
  /** Acknowledged here, and not known to be persisted. */
  outstanding(): number
  /** The same reads, with what has not been persisted yet. */
  storeOver(store: Store): Store
  workers(options: { readonly consumer: string; readonly idleMs?: number }): readonly StreamWorker[]
  keeper(options?: KeeperOptions): Keeper
  allotter(): Allotter
  /** Tries the dead letters of a shard again. */
  replay(shard: Shard): Promise<Replayed>
  /** Persists everything that a shard has now; returns how many grants. */
  drain(shard: Shard): Promise<number>
  /** Begins the shard's next epoch; null when somebody else is at it. */
  rebuild(shard: Shard): Promise<Rebuilt | null>
  /** After the strategy: leaves Redis. */
  close(): Promise<void>
}

export async function openHotPath(options: HotPathOptions): Promise<HotPath> {
  const { server, postgres, allotments, space, observer } = options
  const shards = Array.from({ length: SHARDS }, (_, number) => new Shard(server, space, number))
  const hot = new HotStock(allotments)
  const outstanding = new Outstanding()
  const persister = new Persister({ postgres, shards, hot, onRevoked: options.onRevoked })
  const soldOut = new SoldOut(allotments)
  const recall = new Recall({ hot, shards, postgres, persister })
  const granting = new Granting({ hot, shards, outstanding, observer })
  const keyOwners = new SharedLookup((digests: readonly string[]) => allotments.reservationsOfKeys(digests))
  const parts = { postgres, store: allotments, hot, shards, granting, keyOwners, persister, recall, soldOut }
  const strategy = redisStrategy({ ...parts, freshId: options.freshId })
  const refusal = (shard: Shard) => refusalOf(server, shard.keys.stream)
  const rebuilding = { store: allotments, postgres, hot, persister, refusalOf: refusal }
  await hot.refresh()

  const settleUp = async () => {
    for await (const lost of outstanding.revokeLost(postgres, hot)) options.onLost?.(lost)
    await outstanding.tidy(shards, hot)
  }
  const stopping = new AbortController()
  // Apart: a member of Redis that does not answer must not keep us from hearing what Postgres says.
  const following = [() => hot.refresh(), settleUp].map((work) =>
    repeat(work, stopping.signal, options.onFailure),
  )

  return {
    strategy,
    shards,
    hot,
    persister,
    outstanding: () => outstanding.size,
    storeOver: (store) => storeOver(store, allotments, persister),
    workers: (worker) => shards.map((shard) => new StreamWorker(shard, persister, worker)),
    keeper: (keeper) => new Keeper(rebuilding, shards, keeper),
    drain: async (shard) => (await drain(shard, persister)).persisted,
    replay: (shard) => replayDeadLetters(shard, { persister, isRevoked: (id) => allotments.isRevoked(id) }),
    rebuild: (shard) => rebuildShard(rebuilding, shard.number, shard, { force: true }),
    allotter: () => new Allotter(hot, shards, postgres),
    async close() {
      // What is lost after this nobody would record: so wait for what has been answered, if workers are there to persist it.
      const untilMs = performance.now() + (options.closeWaitMs ?? CLOSE_WAIT_MS)
      while (outstanding.size > 0 && performance.now() < untilMs) {
        await outstanding.tidy(shards, hot)
        await pause(CLOSE_LOOK_AGAIN_MS)
      }
      stopping.abort()
      await Promise.all(following)
      await server.close()
    },
  }
}

function storeOver(store: Store, allotments: AllotmentStore, persister: Persister): Store {
  const over: Store = {
    ...store,
    async reservationJournal(id) {
      const journal = await store.reservationJournal(id)
      if (journal !== null || (await over.reservation(id)) === null) return journal
      // Nothing of it is in the journal yet, unless it was persisted between the two questions.
      return (await store.reservationJournal(id)) ?? { data: [], isComplete: false }
    },
    async reservation(wireId) {
      const persisted = await store.reservation(wireId)
      const id = fromWireId(wireId)
      if (persisted !== null || id === null) return persisted
      const { found, isSure } = await persister.find(id)
      if (found) return viewGrant(found.grant, found.nowMs)
      if (await allotments.isRevoked(id)) {
        throw new EarmarkError("reservation_revoked", "It was provisional and could not be kept.", {
          notApplied: true,
        })
      }
      // It may have been persisted between the two questions.
      const again = await store.reservation(wireId)
      if (again === null && !isSure) throw recovering()
      return again
    },
  }
  return over
}

async function repeat(
  work: () => Promise<void>,
  signal: AbortSignal,
  onFailure: (error: unknown) => void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    await work().catch(onFailure)
    await pause(REFRESH_MS, undefined, { signal }).catch(() => {})
  }
}
