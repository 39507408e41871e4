/** The strategy `redis`: a hot path in front of `batched`. */
import { StartError } from "../core/errors.ts"
import { laneHintOf } from "../core/ids.ts"
import { createIds } from "../engine/context.ts"
import { createAllotmentStore } from "../postgres/allotment-store.ts"
import type { Database } from "../postgres/database.ts"
import { STRATEGY_FACTORIES } from "../postgres/strategies.ts"
import { checkRedis } from "../redis/check-server.ts"
import { type HotPath, type HotPathOptions, openHotPath } from "../redis/hot-path.ts"
import { connectRedis, type RedisServer } from "../redis/server.ts"

export type RedisHooks = Partial<Pick<HotPathOptions, "onLost" | "onFailure">> & {
  readonly onWarning?: (warning: string) => void
  /** Stands in the door to Redis. */
  readonly wrapServer?: (server: RedisServer) => RedisServer
}

export async function openHotPathOver(
  database: Database,
  redisUrl: string,
  { onWarning, wrapServer = (server) => server, ...hooks }: RedisHooks,
): Promise<HotPath> {
  const server = await connectRedis(redisUrl).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`cannot reach Redis: ${reason}`, { cause: error })
  })
  try {
    const allotments = createAllotmentStore(database)
    const space = await allotments.space()
    for (const { warning } of await checkRedis(server, space)) onWarning?.(warning)
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
