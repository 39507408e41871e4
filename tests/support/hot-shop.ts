/** A shop whose items are hot, over a Redis of its own: services, and a worker that is run by hand or on its own. */
import { randomUUID } from "node:crypto"
import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { expect } from "vitest"
import { toWireId } from "../../src/core/ids.ts"
import type { Engine, HoldSettings } from "../../src/index.ts"
import { type EngineParts, openEngineParts } from "../../src/library/open-engine.ts"
import type { RedisHooks } from "../../src/library/open-hot-path.ts"
import { allotmentBooksOf } from "../../src/postgres/allotment-books.ts"
import { compareBooks, type Disagreement } from "../../src/redis/compare-books.ts"
import type { HotPath } from "../../src/redis/hot-path.ts"
import { shardOf } from "../../src/redis/keys.ts"
import type { Lost } from "../../src/redis/outstanding.ts"
import { connectRedis } from "../../src/redis/server.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "./database.ts"
import { expectLawful } from "./engine.ts"
import type { FeedReader } from "./feed-reader.ts"

export interface HotShopOptions {
  readonly redisUrl: string
  readonly holds?: Partial<HoldSettings>
  readonly poolSize?: number
  readonly giveUpMs?: number
  /** After so long an entry of a dead worker is taken over. */
  readonly idleMs?: number
}

export interface Service {
  readonly engine: Engine
  readonly hotPath: HotPath
  /** Ids that this service has recorded as lost. */
  readonly lost: string[]
  close(): Promise<void>
}

export class HotShop {
  readonly pool: pg.Pool
  readonly url: string
  readonly #database: TestDatabase
  readonly #options: HotShopOptions
  readonly #services: Service[] = []
  readonly #workers: Worker[] = []

  static async open(options: HotShopOptions): Promise<HotShop> {
    const database = await createTestDatabase()
    const pool = openTestPool(database.url, options.poolSize ?? 10)
    // Databases cloned from one template have the same space otherwise.
    await pool.query("update earmark.redis_space set space = $1", [randomUUID().slice(0, 8)])
    return new HotShop(pool, database, options)
  }

  private constructor(pool: pg.Pool, database: TestDatabase, options: HotShopOptions) {
    this.pool = pool
    this.url = database.url
    this.#database = database
    this.#options = options
  }

  /** Another service, as if it were in a process of its own. */
  async service(hooks: RedisHooks = {}): Promise<Service> {
    const lost: string[] = []
    const onLost = (some: Lost) => lost.push(...some.ids)
    const { holds, redisUrl } = this.#options
    const parts = await openEngineParts(
      {
        pool: this.pool,
        strategy: "redis",
        redisUrl,
        migrate: false,
        ...(holds ? { holds } : {}),
      },
      { onLost, closeWaitMs: 0, ...hooks },
    )
    const service = { ...required(parts), lost, close: () => parts.engine.close() }
    this.#services.push(service)
    return service
  }

  /** A worker that runs until it is stopped, or the shop closes. */
  work({ hotPath }: Service, consumer = randomUUID()): Worker {
    const worker = new Worker(hotPath, { ...this.#options, consumer })
    this.#workers.push(worker)
    return worker
  }

  /** Makes an item hot at once, as if it had been for long. */
  async heat(sku: string, target: number): Promise<void> {
    await this.pool.query(
      `insert into earmark.hot_items (sku, target, changed_at) values ($1, $2, now() - interval '1 hour')
       on conflict (sku) do update set target = excluded.target`,
      [sku, target],
    )
  }

  /** Ready to sell: every shard is open, and everybody knows. */
  async openShards({ hotPath }: Service): Promise<void> {
    await hotPath.keeper().pass()
    await hotPath.allotter().pass()
    for (const service of this.#services) await service.hotPath.hot.refresh()
  }

  async revokedIds(reason?: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      "select id::text as id from earmark.revocations where $1::text is null or reason = $1 order by id",
      [reason ?? null],
    )
    return rows.map(({ id }) => id)
  }

  /** Each revocation is told of once, with the same reason, and nothing else is told to be revoked. */
  async expectRevocationsTold(reader: FeedReader): Promise<void> {
    await reader.readAll()
    await reader.expectGapless(this.pool)
    const told = reader.events.flatMap((event) =>
      event.type === "reservation.revoked" ? [`${event.subject} ${event.data.reason}`] : [],
    )
    const { rows } = await this.pool.query<{ id: string; reason: string }>(
      "select id::text as id, reason from earmark.revocations",
    )
    expect(told.toSorted()).toEqual(rows.map(({ id, reason }) => `${toWireId(id)} ${reason}`).toSorted())
  }

  /** As `earmark verify` compares them, also in the middle of a sale; what disagrees is returned. */
  async disagreements(): Promise<readonly Disagreement[]> {
    const server = await connectRedis(this.#options.redisUrl)
    try {
      const { rows } = await this.pool.query<{ space: string }>("select space from earmark.redis_space")
      const books = allotmentBooksOf(this.pool, "earmark")
      return await compareBooks(server, `earmark-${rows[0]?.space}`, books)
    } finally {
      await server.close()
    }
  }

  async expectBooksAgree(): Promise<void> {
    expect(await this.disagreements()).toEqual([])
  }

  /** Once everything is persisted, Redis has free what Postgres says is its, level by level. */
  async #expectAgreement({ hotPath }: Service): Promise<void> {
    const { hot, shards } = hotPath
    for (const shard of shards) await hotPath.drain(shard)
    await hotPath.allotter().pass()
    await hot.refresh()
    for (const { sku, location, levelId, units } of hot.levels()) {
      const shard = shards[shardOf(sku)]
      const epoch = hot.epochOf(shardOf(sku))
      if (!shard || epoch === null) throw new Error(`the shard of ${sku} is not open`)
      const there = await shard.topUp(epoch, [{ levelId, allottedTotal: 0 }])
      expect({ sku, location, there }, "Redis and Postgres agree").toMatchObject({
        sku,
        location,
        there: [{ free: units }],
      })
    }
  }

  /** Stops the workers, persists what is left, closes the services, and verifies the laws. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    const [first] = this.#services
    if (first) await this.#expectAgreement(first)
    await this.expectBooksAgree()
    await Promise.all(this.#services.map((service) => service.close()))
    try {
      await expectLawful(this.pool)
    } finally {
      await this.pool.end()
      await this.#database.drop()
    }
  }
}

function required({ engine, hotPath }: EngineParts): { engine: Engine; hotPath: HotPath } {
  if (hotPath === null) throw new Error("there is no hot path")
  return { engine, hotPath }
}

const WORK_PAUSE_MS = 10

/** The loops of `earmark worker`, without its pauses. What fails is tried again, as there. */
export class Worker {
  readonly failures: unknown[] = []
  readonly #running: Promise<void>[]
  #stopped = false

  constructor(
    hotPath: HotPath,
    { consumer, giveUpMs, idleMs }: { consumer: string; giveUpMs?: number; idleMs?: number },
  ) {
    const keeper = hotPath.keeper(giveUpMs === undefined ? {} : { giveUpMs })
    const allotter = hotPath.allotter()
    const streams = hotPath.workers({ consumer, ...(idleMs === undefined ? {} : { idleMs }) })
    this.#running = [
      this.#repeat(() => keeper.pass()),
      this.#repeat(() => allotter.pass()),
      ...streams.map((stream, shard) =>
        this.#repeat(async () => {
          if (hotPath.hot.epochOf(shard) !== null) await stream.pass()
        }),
      ),
    ]
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
  }

  async #repeat(pass: () => Promise<unknown>): Promise<void> {
    while (!this.#stopped) {
      await pass().catch((error: unknown) => this.failures.push(error))
      await pause(WORK_PAUSE_MS)
    }
  }
}

/** Waits until it is true; fails when that takes too long. */
export async function eventually(
  isTrue: () => Promise<boolean>,
  what: string,
  msMax = 20_000,
): Promise<void> {
  const deadlineMs = performance.now() + msMax
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`never came true: ${what}`)
    await pause(WORK_PAUSE_MS)
  }
}
