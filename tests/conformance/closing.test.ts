import pg from "pg"
import { expect } from "vitest"
import { createEngine } from "../../src/index.ts"
import { conformance } from "./suite.ts"

const UNAVAILABLE = { name: "EarmarkError", code: "unavailable", notApplied: true, retryable: true }

/** Connections to this database besides the one that counts. */
async function connectionsTo(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  )
  await client.end()
  return rows[0]?.count ?? 0
}

conformance("close", {
  "answers what was accepted, then refuses every command": async ({ more, pool, item, hold, levels }) => {
    const sku = await item({ LAX: 30 })
    const { id } = await hold(sku, 1)
    const engine = await createEngine({ pool, ...more, migrate: false })
    const accepted = Array.from({ length: 20 }, () => engine.reserve({ lines: [{ sku, quantity: 1 }] }))
    const closing = engine.close()
    const outcomes = await Promise.all(accepted)
    await closing
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(20).fill("reserved"))
    for (const late of [
      () => engine.reserve({ lines: [{ sku, quantity: 1 }] }),
      () => engine.confirm(id),
      () => engine.release(id),
      () => engine.extend(id, { ttlSeconds: 60 }),
      () => engine.adjust({ sku, location: "LAX", delta: 1, reason: "received" }),
      () => engine.setSafetyStock({ sku, location: "LAX", safetyStock: 1 }),
    ]) {
      await expect(late()).rejects.toMatchObject(UNAVAILABLE)
    }
    expect(await levels(sku)).toEqual({ LAX: "30 21 9" })
  },

  "leaves a pool of the caller's open": async ({ more, pool, item, levels }) => {
    const sku = await item({ LAX: 1 })
    const engine = await createEngine({ pool, ...more, migrate: false })
    await engine.close()
    expect(await levels(sku)).toEqual({ LAX: "1 0 1" })
  },

  "leaves no connection of its own behind, and refuses reads too": async ({ more, url, item }) => {
    const sku = await item({ LAX: 1 })
    const before = await connectionsTo(url)
    const engine = await createEngine({ databaseUrl: url, ...more, migrate: false })
    await Promise.all(Array.from({ length: 5 }, () => engine.availability(sku)))
    expect(await connectionsTo(url)).toBeGreaterThan(before)
    await engine.close()
    await expect.poll(() => connectionsTo(url)).toBeLessThanOrEqual(before)
    for (const late of [
      () => engine.availability(sku),
      () => engine.items(),
      () => engine.reservations(),
      () => engine.putItem({ sku, name: "Late" }),
      () => engine.reserve({ lines: [{ sku, quantity: 1 }] }),
      () => engine.adjust({ sku, location: "LAX", delta: 1, reason: "received" }),
    ]) {
      await expect(late()).rejects.toMatchObject(UNAVAILABLE)
    }
    await expect(engine.sweep()).rejects.toMatchObject(UNAVAILABLE)
  },

  "may be asked for twice, and is done both times once what was accepted is answered": async (subject) => {
    const { more, pool, item, levels } = subject
    const sku = await item({ LAX: 5 })
    const engine = await createEngine({ pool, ...more, migrate: false })
    const accepted = Array.from({ length: 5 }, () => engine.reserve({ lines: [{ sku, quantity: 1 }] }))
    await Promise.all([engine.close(), engine.close()])
    expect(await levels(sku)).toEqual({ LAX: "5 5 0" })
    await engine.close()
    await Promise.all(accepted)
  },
})
