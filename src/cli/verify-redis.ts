/** The law that spans Postgres and Redis, reported as the others are. */
import type pg from "pg"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { allotmentBooksOf } from "../postgres/allotment-books.ts"
import { createAllotmentStore } from "../postgres/allotment-store.ts"
import type { LawReport } from "../postgres/verify.ts"
import { compareBooks, type Disagreement } from "../redis/compare-books.ts"
import { connectRedis, type RedisServer } from "../redis/server.ts"

const LAW = {
  id: "allotments-in-redis",
  law: "what is allotted of a level to Redis is what Redis has of it: free, granted and not persisted, or on the way",
}

export async function verifyRedis(pool: pg.Pool, schema: string, redisUrl: string): Promise<LawReport> {
  const rows = await compare(pool, schema, redisUrl)
  return { ...LAW, holds: rows.length === 0, rows }
}

async function compare(pool: pg.Pool, schema: string, redisUrl: string): Promise<readonly Disagreement[]> {
  let server: RedisServer
  try {
    server = await connectRedis(redisUrl)
  } catch (error) {
    return [{ problem: "Redis cannot be reached", reason: error instanceof Error ? error.message : "" }]
  }
  try {
    const space = await createAllotmentStore({ pool, schema, observer: SILENT_OBSERVER }).space()
    return await compareBooks(server, space, allotmentBooksOf(pool, schema))
  } finally {
    await server.close()
  }
}
