/** The strategy `redis`: a hot path in front of `batched`. */
import { StartError } from "../core/errors.ts"
import { laneHintOf } from "../core/ids.ts"
import { createIds } from "../engine/context.ts"
import { createAllotmentStore } from "../postgres/allotment-store.ts"
import type { Database } from "../postgres/database.ts"
import { STRATEGY_FACTORIES } from "../postgres/strategies.ts"
import { checkRedis } from "../redis/check-server.ts"
import { type HotPath, type HotPathOptions, openHotPath } from "../redis/hot-path.ts"
import { connectRedis, isAway, type RedisServer } from "../redis/server.ts"

export type RedisHooks = Partial<
  Pick<HotPathOptions, "onLost" | "onRevoked" | "onFailure" | "closeWaitMs">
> & {
  readonly onWarning?: (warning: string) => void
  /** Fails to open when Redis cannot be reached: for who wants to look after it. */
  readonly mustReach?: boolean
  /** Stands in the door to Redis. */
  readonly wrapServer?: (server: RedisServer) => RedisServer
}

/** Postgres sells everything while Redis cannot be reached, also from the beginning. */
export async function openHotPathOver(
  database: Database,
  redisUrl: string,
  { onWarning = () => {}, mustReach = false, wrapServer = (server) => server, ...hooks }: RedisHooks,
): Promise<HotPath> {
  const allotments = createAllotmentStore(database)
  const space = await allotments.space()
  const check = async (server: RedisServer) => {
    for (const { warning } of await checkRedis(server, space)) onWarning(warning)
  }
  const later = async (server: RedisServer) => {
    await check(server).catch((error: unknown) => {
      onWarning(`Redis is not used: ${reasonOf(error)}`)
      throw error
    })
    onWarning("Redis is reached")
  }
  const server = await connectRedis(redisUrl, mustReach ? {} : { later }).catch((error: unknown) => {
    throw new StartError(`cannot reach Redis: ${reasonOf(error)}`, { cause: error })
  })
  try {
    await check(server).catch((error: unknown) => {
      if (!isAway(error)) throw error
      onWarning(`Redis cannot be reached: Postgres sells until it can (${reasonOf(error)})`)
    })
    const ids = createIds()
    return await openHotPath({
      ...hooks,
      server: wrapServer(server),
      postgres: STRATEGY_FACTORIES.batched(database),
      allotments,
      space,
      observer: database.observer,
      freshId: (id) => ids.next(laneHintOf(id)),
    })
  } catch (error) {
    await server.close()
    throw error
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
