/** One key, many callers, one unit (promise S4). */
import { expect, test } from "vitest"
import { createEngine, type Engine, POSTGRES_STRATEGIES } from "../../src/index.ts"
import { answerAll, type Call, countOutcomes, reserveCall } from "../support/calls.ts"
import { openTestPool } from "../support/database.ts"
import { createTestEngine, stock } from "../support/engine.ts"
import { callFromProcesses } from "../support/processes.ts"

const ROUNDS = 50
const TWINS = 20

test.each(POSTGRES_STRATEGIES)("%s: all twins on the last unit get the one reservation", async (strategy) => {
  const t = await createTestEngine({ strategy })
  const pool = openTestPool(t.url)
  const second = await createEngine({ pool, strategy, migrate: false })
  const engines = [t.engine, second]
  for (let round = 0; round < ROUNDS; round += 1) {
    const sku = `S${round}`
    const key = `cart-${round}`
    await stock(t.engine, sku, { LAX: 1 })
    const twins = engines.flatMap((engine) =>
      answerAll(
        engine,
        Array.from({ length: TWINS / 2 }, () => reserveCall(sku, 1, key)),
      ),
    )
    const answers = (await Promise.all(twins)).flat()
    expect(countOutcomes(answers), sku).toEqual({ reserved: 1, replayed: TWINS - 1 })
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    await expectReplays(second, { sku, key, id: answers[0]?.id ?? "" })
  }
  await second.close()
  await pool.end()
  await t.close()
})

/** Another body is refused, and the right one shows the reservation as it stands now. */
async function expectReplays(
  engine: Engine,
  { sku, key, id }: { sku: string; key: string; id: string },
): Promise<void> {
  const other: Call = reserveCall(sku, 2, key)
  expect(countOutcomes(await answerAll(engine, [other, other]))).toEqual({ idempotency_key_reused: 2 })
  await engine.release(id)
  const [replay] = await answerAll(engine, [reserveCall(sku, 1, key)])
  expect(replay).toEqual({ outcome: "replayed", id, state: "released" })
}

test.each(POSTGRES_STRATEGIES)(
  "%s: a key that comes with two bodies at once makes one reservation",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    const pool = openTestPool(t.url)
    const second = await createEngine({ pool, strategy, migrate: false })
    await stock(t.engine, "A", { LAX: 1000 })
    await stock(t.engine, "B", { LAX: 1000 })
    for (let round = 0; round < ROUNDS; round += 1) {
      // Two skus: the callers do not meet at a stock level, only at the key, and the keys come in opposite orders.
      const keys = [`${round}-1`, `${round}-2`]
      const answers = await Promise.all([
        answerAll(
          t.engine,
          keys.map((key) => reserveCall("A", 1, key)),
        ),
        answerAll(
          second,
          keys.toReversed().map((key) => reserveCall("B", 1, key)),
        ),
      ])
      expect(countOutcomes(answers.flat()), `round ${round}`).toEqual({
        reserved: 2,
        idempotency_key_reused: 2,
      })
    }
    await second.close()
    await pool.end()
    await t.close()
  },
)

test.each(POSTGRES_STRATEGIES)("%s: the end of a hold travels with a replay of its key", async (strategy) => {
  const t = await createTestEngine({ strategy })
  for (const kind of ["confirm", "release"] as const) {
    await stock(t.engine, kind, { LAX: 20 })
    // Room enough for a hold that ended twice not to be caught by the table's checks.
    await answerAll(t.engine, [reserveCall(kind, 8)])
    const [made] = await answerAll(t.engine, [reserveCall(kind, 3, kind)])
    const end: Call = { kind, id: made?.id ?? "" }
    const twin = reserveCall(kind, 3, kind)
    const [replay, ended] = await answerAll(t.engine, [twin, end, twin])
    expect(replay).toMatchObject({ outcome: "replayed", id: made?.id })
    expect(ended).toMatchObject({ id: made?.id, state: kind === "confirm" ? "confirmed" : "released" })
    const onHand = kind === "confirm" ? 17 : 20
    expect(await t.engine.availability(kind)).toMatchObject({ onHand, held: 8 })
  }
  await t.close()
})

test.each(POSTGRES_STRATEGIES)("%s: twins in two processes, each on its last unit", async (strategy) => {
  const t = await createTestEngine({ strategy })
  const skus = Array.from({ length: 30 }, (_, index) => `S${index}`)
  for (const sku of skus) await stock(t.engine, sku, { LAX: 1 })
  const calls = skus.flatMap((sku) => [reserveCall(sku, 1, sku), reserveCall(sku, 1, sku)])
  const [first = [], second = []] = await callFromProcesses([
    { url: t.url, strategy, calls },
    { url: t.url, strategy, calls },
  ])
  expect(countOutcomes([...first, ...second])).toEqual({ reserved: skus.length, replayed: 3 * skus.length })
  calls.forEach((_, index) => {
    expect(first[index]?.id).toBe(second[index]?.id)
  })
  await t.close()
})
