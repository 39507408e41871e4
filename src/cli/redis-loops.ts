/** The loops of a worker with the strategy `redis`: each may run any number of times at once, on any machine. */
import { hostname } from "node:os"
import { SHARDS } from "../redis/keys.ts"
import type { Shard } from "../redis/shard.ts"
import { startLoop } from "../worker/loop.ts"
import { tellOncePerOutage } from "./outages.ts"
import type { Backend, ServiceContext } from "./service.ts"

/** A grant is provisional for about so long when nothing is behind. */
const STREAM_INTERVAL_MS = 50
/** What is sold between two looks is sold from what is ready. */
const ALLOT_INTERVAL_MS = 100
const KEEP_INTERVAL_MS = 500

/** @returns their names */
export function openRedisLoops(service: ServiceContext, backend: Backend): readonly string[] {
  const { hotPath, metrics } = backend
  if (hotPath === null) return []
  const { logger } = service
  const loop = (what: string, intervalMs: number, pass: () => Promise<boolean>) => {
    const failures = tellOncePerOutage(logger, what)
    const told = async () => {
      const more = await pass()
      failures.over()
      return more
    }
    const started = startLoop({ pass: told, intervalMs, onFailure: failures.add })
    service.lifetime.onClose(() => started.stop())
  }

  const keeper = hotPath.keeper({
    onRebuilt(shard, rebuilt) {
      metrics.rebuilt()
      logger.info({ shard, ...rebuilt }, `shard ${shard} of Redis began epoch ${rebuilt.epoch}`)
    },
    onRefused: (shard, refusal) => logger.error({ shard }, `shard ${shard} grants nothing: ${refusal}`),
    onGroupLost: (shard) => logger.warn({ shard }, `shard ${shard} of Redis had lost its consumer group`),
  })
  loop("keeping the shards of Redis", KEEP_INTERVAL_MS, async () => {
    await keeper.pass()
    await Promise.all(
      hotPath.shards.map(async (shard) => metrics.shard(shard.number, await sampleOf(shard, hotPath.hot))),
    )
    return false
  })

  const allotter = hotPath.allotter()
  loop("allotting to Redis", ALLOT_INTERVAL_MS, async () => {
    await allotter.pass()
    return false
  })

  const consumer = `${hostname()}:${process.pid}`
  for (const [shard, worker] of hotPath.workers({ consumer }).entries()) {
    loop(`persisting shard ${shard} of ${SHARDS}`, STREAM_INTERVAL_MS, async () => {
      if (hotPath.hot.epochOf(shard) === null) return false
      const { persisted, buried, vanished, more } = await worker.pass()
      metrics.persisted(persisted)
      metrics.buried(buried)
      if (buried > 0)
        logger.error({ shard, buried }, "stream entries could not be persisted: earmark redis dead")
      if (vanished > 0)
        logger.error({ shard, vanished }, "stream entries were deleted before they were persisted")
      return more
    })
  }
  return ["redis"]
}

async function sampleOf(shard: Shard, hot: { epochOf(shard: number): number | null }) {
  const status = await shard.status(hot.epochOf(shard.number) ?? 0).catch(() => null)
  // What it had cannot be known while it is away, but it grants nothing.
  if (status === null) return { isOpen: false }
  return {
    grants: status.grants,
    lagSeconds: status.oldest === null ? 0 : Math.max(0, status.nowMs - status.oldest.ms) / 1000,
    deadLetters: status.deadLetters,
    isOpen: status.isOpen,
  }
}
