import { expect, test } from "vitest"
import type { RevokeLostCommand } from "../core/allotments.ts"
import { createIds } from "../engine/context.ts"
import type { Strategy } from "../engine/ports.ts"
import type { HotStock } from "./hot-stock.ts"
import { Outstanding } from "./outstanding.ts"

test("what was recorded as lost is told of, also when the rest cannot be recorded now", async () => {
  const ids = createIds()
  const made = Array.from({ length: 501 }, () => ({
    id: ids.next(0),
    stored: '1000|LAX:1|{"l":[["MUG",1]],"t":60}',
  }))
  const outstanding = new Outstanding()
  outstanding.add(3, { epoch: 1, entry: { ms: 1000, sequence: 0 }, made })
  const hot = { recordOf: () => ({ state: "open", epoch: 2 }) } as unknown as HotStock
  const recorded = new Set<string>()
  let isAway = true
  const submit = async ({ grants }: RevokeLostCommand) => {
    if (isAway && recorded.size > 0) throw new Error("Postgres is away")
    const revokedIds = grants.map(({ id }) => id).filter((id) => !recorded.has(id))
    for (const id of revokedIds) recorded.add(id)
    return { outcome: "revoked", revokedIds }
  }
  const told: string[] = []
  const follow = async () => {
    const postgres = { submit } as unknown as Strategy
    for await (const lost of outstanding.revokeLost(postgres, hot)) told.push(...lost.ids)
  }
  await expect(follow()).rejects.toThrow("Postgres is away")
  expect(told).toHaveLength(500)
  isAway = false
  await follow()
  expect(told).toEqual(made.map(({ id }) => id))
  expect(outstanding.size).toBe(0)
})
