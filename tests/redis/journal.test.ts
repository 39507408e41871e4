/** The journal of what Redis grants: by a clock of its own, and written down later. */
import { randomUUID } from "node:crypto"
import { expect, inject, test } from "vitest"
import type { Grant } from "../../src/core/allotments.ts"
import { toWireId } from "../../src/core/ids.ts"
import { createIds } from "../../src/engine/context.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { STRATEGY_FACTORIES } from "../../src/postgres/strategies.ts"
import { createTestEngine, stock } from "../support/engine.ts"
import { HotShop } from "../support/hot-shop.ts"

test("what is not persisted yet is not in the journal, and that is said", async () => {
  const shop = await HotShop.open({ redisUrl: inject("redisUrl") })
  const service = await shop.service()
  const { engine, hotPath } = service
  await stock(engine, "DROP", { LAX: 5 })
  await shop.heat("DROP", 5)
  await shop.openShards(service)
  const made = await engine.reserve(
    { lines: [{ sku: "DROP", quantity: 1 }] },
    { origin: { actor: "till-7" } },
  )
  expect(made).toMatchObject({ outcome: "reserved", reservation: { durability: "provisional" } })
  if (made.outcome !== "reserved") return
  const { id } = made.reservation
  expect(await engine.reservationJournal(id)).toEqual({ data: [], isComplete: false })
  for (const shard of hotPath.shards) await hotPath.drain(shard)
  expect(await engine.reservationJournal(id)).toMatchObject({
    data: [{ kind: "held", actor: "till-7", before: { held: 0 }, after: { held: 1 } }],
    isComplete: true,
  })
  expect(await engine.reservationJournal(toWireId(randomUUID()))).toBeNull()
  await shop.close()
})

test.each([
  ["long ago", -3_600_000],
  ["by a clock that is ahead", 30_000],
])("what was granted %s is found, from its beginning to its end", async (_, aheadMs) => {
  const { engine, pool, close } = await createTestEngine()
  await stock(engine, "DROP", { LAX: 5 })
  const strategy = STRATEGY_FACTORIES.batched({ pool, schema: "earmark", observer: SILENT_OBSERVER })
  const grant: Grant = {
    id: createIds().next(0),
    customerId: null,
    lines: [{ sku: "DROP", location: "LAX", quantity: 1 }],
    ttlSeconds: 86_400,
    createdAtMs: Date.now() + aheadMs,
    metadata: {},
    key: null,
  }
  await strategy.submit({ kind: "persist", epoch: 1, grants: [grant] })
  await engine.reserve({ lines: [{ sku: "DROP", quantity: 1 }] })
  const kinds = async () => {
    const journal = await engine.reservationJournal(toWireId(grant.id))
    return [journal?.isComplete, ...(journal?.data ?? []).map(({ kind }) => kind)]
  }
  expect(await kinds()).toEqual([true, "held"])
  await engine.extend(toWireId(grant.id), { ttlSeconds: 86_400 })
  expect(await kinds()).toEqual([true, "held", "extended"])
  await engine.confirm(toWireId(grant.id))
  expect(await kinds()).toEqual([true, "held", "extended", "confirmed"])
  await strategy.close()
  await close()
})
