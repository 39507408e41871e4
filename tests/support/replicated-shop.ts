/** An engine over a server of the test's own and a streaming standby of it, and what its reads came to. */
import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { onTestFinished } from "vitest"
import { createEngine, type Engine, type StrategyName } from "../../src/index.ts"
import { openEngineParts } from "../../src/library/open-engine.ts"
import type { ReadReason, Replica } from "../../src/postgres/replica/replica.ts"
import { openTestPool } from "./database.ts"
import { expectLawful, stock } from "./engine.ts"
import { PrivateServer } from "./private-server.ts"
import { Standby } from "./standby.ts"

const POLL_MS = 20
const POLLS_MAX = 1500

export interface ReplicatedShopOptions {
  readonly stalenessMs: number
  readonly standbySettings?: Readonly<Record<string, string>>
  /** Reads another database than the primary's. */
  readonly replicaOf?: string
  /** A pool for the primary that is watched. */
  readonly openPool?: (url: string) => pg.Pool
}

export interface ReplicatedShop {
  readonly server: PrivateServer
  readonly standby: Standby
  readonly engine: Engine
  readonly replica: Replica
  /** Of the primary. */
  readonly pool: pg.Pool
  readonly url: string
  /** Why the primary was asked, for each read; null: it was not. */
  readonly reads: (ReadReason | null)[]
  readonly states: string[]
  /** Another engine over both. */
  engineWith(strategy: StrategyName): Promise<Engine>
  /** Looks until it is so. */
  until(state: string): Promise<void>
}

/** Sells MUG and CUP; ends with the laws. */
export async function openReplicatedShop(options: ReplicatedShopOptions): Promise<ReplicatedShop> {
  const server = await PrivateServer.start()
  const url = await server.createDatabase("shop")
  if (options.replicaOf !== undefined) await server.createDatabase(options.replicaOf)
  const pool = openTestPool(url)
  const standby = await Standby.of(server, options.standbySettings)
  const replicaUrl = new URL(standby.url(url))
  if (options.replicaOf !== undefined) replicaUrl.pathname = options.replicaOf
  const reads: (ReadReason | null)[] = []
  const states: string[] = []
  const { engine, replica } = await openEngineParts(
    {
      pool: options.openPool?.(url) ?? pool,
      migrate: false,
      replicaUrl: replicaUrl.href,
      replicaStalenessMs: options.stalenessMs,
    },
    { replica: { read: (reason) => reads.push(reason), state: (state) => states.push(state) } },
  )
  if (replica === null) throw new Error("there is no replica")
  onTestFinished(async () => {
    await engine.close()
    await expectLawful(pool)
    await pool.end()
  })
  await stock(engine, "MUG", { LAX: 100_000, BER: 100_000 })
  await stock(engine, "CUP", { LAX: 100_000 })
  await standby.caughtUp(pool)
  return {
    ...{ server, standby, engine, replica, pool, url, reads, states },
    async engineWith(strategy) {
      const more = await createEngine({
        pool,
        strategy,
        migrate: false,
        replicaUrl: replicaUrl.href,
        replicaStalenessMs: options.stalenessMs,
      })
      onTestFinished(() => more.close())
      return more
    },
    async until(state) {
      for (let polls = 0; polls < POLLS_MAX; polls += 1) {
        if ((await replica.look()).state === state) return
        await pause(POLL_MS)
      }
      throw new Error(`the replica never was ${state}: ${replica.status().state}`)
    },
  }
}
