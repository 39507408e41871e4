/** The journal alone is enough to know every balance. */
import type pg from "pg"
import { expect, test } from "vitest"
import { POSTGRES_STRATEGIES, type StrategyName } from "../../src/index.ts"
import { answer, type Call } from "../support/calls.ts"
import { createTestEngine, stock } from "../support/engine.ts"
import { chooseSeed, seededRandom } from "../support/random.ts"

const SKUS = ["A", "B", "C"]
const LOCATIONS = ["LAX", "JFK"]
const CALLS = 200
const CALLERS = 8

test.each(POSTGRES_STRATEGIES)(
  "%s: every balance can be rebuilt from the journal after a random workload",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    const seed = chooseSeed()
    const random = seededRandom(seed)
    for (const sku of SKUS) await stock(t.engine, sku, { LAX: 20, JFK: 20 })
    const ids: string[] = []
    const caller = async () => {
      for (let call = 0; call < CALLS / CALLERS; call += 1) {
        const { id } = await answer(t.engine, randomCall(random, ids))
        if (id !== undefined) ids.push(id)
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, caller))
    for (const sku of SKUS) {
      await t.engine.setSafetyStock({ sku, location: "LAX", safetyStock: Math.floor(random() * 5) })
    }
    expect(await rebuild(t.pool), `seed ${seed}, ${strategy satisfies StrategyName}`).toEqual(
      await stored(t.pool),
    )
    await t.close()
  },
)

function randomCall(random: () => number, ids: readonly string[]): Call {
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T
  const kind = random()
  const line = () => ({ sku: pick(SKUS), quantity: 1 + Math.floor(random() * 3) })
  if (kind < 0.5 || ids.length === 0) return { kind: "reserve", request: { lines: [line(), line()] } }
  if (kind < 0.7) return { kind: "release", id: pick(ids) }
  if (kind < 0.9) return { kind: "confirm", id: pick(ids) }
  const delta = random() < 0.5 ? 4 : -2
  return { kind: "adjust", request: { sku: pick(SKUS), location: pick(LOCATIONS), delta, reason: "counted" } }
}

interface Balance {
  readonly onHand: number
  readonly held: number
  readonly safetyStock: number
  readonly version: number
}

/** Plays the journal, row by row: shares nothing with the engine or the laws. */
async function rebuild(pool: pg.Pool): Promise<Map<number, Balance>> {
  const { rows } = await pool.query<Record<string, string>>(
    "select * from earmark.journal order by stock_level_id, version",
  )
  const balances = new Map<number, Balance>()
  for (const row of rows) {
    const id = Number(row["stock_level_id"])
    const { onHand, held, version } = balances.get(id) ?? { onHand: 0, held: 0, version: 0 }
    if (Number(row["version"]) !== version + 1) throw new Error(`level ${id} lacks version ${version + 1}`)
    balances.set(id, {
      onHand: onHand + Number(row["on_hand_delta"]),
      held: held + Number(row["held_delta"]),
      safetyStock: Number(row["safety_stock"]),
      version: version + 1,
    })
  }
  return balances
}

async function stored(pool: pg.Pool): Promise<Map<number, Balance>> {
  const { rows } = await pool.query<Record<string, string>>("select * from earmark.stock_levels")
  return new Map(
    rows.map((row) => [
      Number(row["id"]),
      {
        onHand: Number(row["on_hand"]),
        held: Number(row["held"]),
        safetyStock: Number(row["safety_stock"]),
        version: Number(row["version"]),
      },
    ]),
  )
}
