/** A law that cannot go red proves nothing: each is broken by hand, and names what is wrong. */
import { expect, test } from "vitest"
import { LAWS } from "../../src/postgres/verify.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"
import { storeHold } from "../support/stored-hold.ts"
import { dropGuards, expectRed } from "./breaches.ts"
import { BREACHES, KEY } from "./law-breaches.ts"

test("every law is broken here", () => {
  const broken = new Set(BREACHES.map(({ law }) => law))
  expect(LAWS.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([])
})

test("each law goes red when it is broken, and names the row", async () => {
  const database = await createTestDatabase()
  const pool = openTestPool(database.url, 2)
  const hold = await storeHold(pool, { sku: "MUG", onHand: 5, quantity: 2, expiresInMs: 3_600_000 })
  const other = await storeHold(pool, { sku: "CUP", onHand: 5, quantity: 2, expiresInMs: 3_600_000 })
  await pool.query("insert into earmark.idempotency_keys values ($1, $2, $3, 1)", [KEY, hold.uuid, KEY])
  await expectLawful(pool)
  await dropGuards(pool)
  const places: Places = {
    HOLD: hold.uuid,
    LEVEL: String(hold.levelId),
    OTHER_HOLD: other.uuid,
    OTHER_LEVEL: String(other.levelId),
  }
  for (const { law, what, sql, names } of BREACHES) {
    const filled = Object.entries(names).map(([name, value]) => [name, value && fill(value, places)])
    await expectRed(pool, { law, what, sql: fill(sql, places), names: Object.fromEntries(filled) })
  }
  await expectLawful(pool)
  await pool.end()
  await database.drop()
})

type Places = Readonly<Record<string, string>>

function fill(text: string, places: Places): string {
  return text.replaceAll(/\b(?:OTHER_)?(?:HOLD|LEVEL)\b/g, (place) => places[place] ?? place)
}
