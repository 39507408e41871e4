/** The books are switched to the next period while everybody goes on: nobody notices, and a key stays one key (S4). */
import pg from "pg"
import { expect, test } from "vitest"
import { createEngine, type Engine, POSTGRES_STRATEGIES, type StrategyName } from "../../src/index.ts"
import { answerAll, reserveCall } from "../support/calls.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { SteppedSession, untilLockWaits } from "../support/stepping.ts"
import { storeHold } from "../support/stored-hold.ts"

const SWITCH = "select earmark.open_next_period()"

interface SteppedEngine {
  readonly t: TestEngine
  readonly session: SteppedSession
  readonly engine: Engine
}

async function withSteppedEngine(
  strategy: StrategyName,
  use: (stepped: SteppedEngine) => Promise<void>,
): Promise<void> {
  const t = await createTestEngine({ strategy })
  const session = new SteppedSession(t.url, t.pool)
  const engine = await createEngine({ pool: session.pool, strategy, migrate: false })
  await use({ t, session, engine })
  await engine.close()
  await session.pool.end()
  await t.close()
}

test.each(POSTGRES_STRATEGIES)(
  "%s: a key that is claimed before and after the switch is one key",
  async (strategy) => {
    await withSteppedEngine(strategy, async ({ t, session, engine }) => {
      for (const sku of ["A", "B"]) await stock(t.engine, sku, { LAX: 5 })
      const request = (sku: string) => ({ lines: [{ sku, quantity: 1 }], idempotencyKey: "k" })
      const late = session.start(() => engine.reserve(request("A")))
      // It has looked for the key, and there was none.
      await session.runTo("read_clock")
      const first = await t.engine.reserve(request("B"))
      expect(first).toMatchObject({ outcome: "reserved" })
      const switched = t.pool.query(SWITCH)
      // Where its stock is locked the switch waits for it; where not, the switch comes first.
      await Promise.race([switched, untilLockWaits(t.pool, 1)])
      await session.runOut()
      await switched
      expect(await late).toMatchObject({ outcome: "idempotency_key_reused" })
      expect(await t.engine.reserve(request("B"))).toEqual({ ...first, outcome: "replayed" })
    })
  },
)

test.each(POSTGRES_STRATEGIES)(
  "%s: the switch waits for whoever writes, and whoever comes next waits for it",
  async (strategy) => {
    await withSteppedEngine(strategy, async ({ t, session, engine }) => {
      const hold = await storeHold(t.pool, { sku: "MUG", onHand: 5, quantity: 2, expiresInMs: 3_600_000 })
      const writing = session.start(() => engine.confirm(hold.id))
      // Its level is written, its journal is not.
      await session.runTo("insert_journal")
      const switched = t.pool.query(SWITCH)
      await untilLockWaits(t.pool, 1)
      const next = t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
      await untilLockWaits(t.pool, 2)
      await session.runOut()
      await switched
      expect(await writing).toMatchObject({ outcome: "confirmed" })
      expect(await next).toMatchObject({ outcome: "reserved" })
      const { rows } = await t.pool.query("select kind, period from earmark.journal order by version")
      expect(rows).toEqual([
        { kind: "adjusted", period: 1 },
        { kind: "held", period: 1 },
        { kind: "confirmed", period: 1 },
        { kind: "held", period: 2 },
      ])
    })
  },
)

test.each(POSTGRES_STRATEGIES)("%s: a snapshot from before the switch writes nothing", async (strategy) => {
  const t = await createTestEngine({ strategy })
  await stock(t.engine, "MUG", { LAX: 5 })
  const client = new pg.Client({ connectionString: t.url })
  await client.connect()
  await client.query("begin isolation level repeatable read")
  await client.query("select 1")
  await t.pool.query(SWITCH)
  const late = t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k" }, { tx: client })
  const code = strategy === "optimistic" ? "transaction_unsupported" : "transaction_conflict"
  await expect(late).rejects.toMatchObject({ code, notApplied: true })
  await client.query("commit")
  await client.end()
  expect(await t.engine.availability("MUG")).toMatchObject({ held: 0 })
  await t.close()
})

const SKUS = ["A", "B", "C"]
const ROUNDS = 30
const TWINS = 4
const SWITCHES = 5

test.each(POSTGRES_STRATEGIES)(
  "%s: switched again and again while twins reserve and holds end",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    const second = await createEngine({ pool: t.pool, strategy, migrate: false })
    for (const sku of SKUS) await stock(t.engine, sku, { LAX: ROUNDS })
    const buying = SKUS.map(async (sku) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const twins = Array.from({ length: TWINS / 2 }, () => reserveCall(sku, 1, `${sku}-${round}`))
        const answers = await Promise.all([answerAll(t.engine, twins), answerAll(second, twins)])
        const outcomes = answers.flat().map(({ outcome }) => outcome)
        expect(outcomes.sort(), `${sku}-${round}`).toEqual([
          ...Array<string>(TWINS - 1).fill("replayed"),
          "reserved",
        ])
        const id = answers[0]?.[0]?.id ?? ""
        await (round % 2 === 0 ? t.engine.confirm(id) : second.extend(id, { ttlSeconds: 900 }))
      }
    })
    const switching = (async () => {
      for (let switches = 0; switches < SWITCHES; switches += 1) {
        await t.pool.query("select earmark.add_period(30)")
        await t.pool.query(SWITCH)
      }
    })()
    await Promise.all([...buying, switching])
    const { rowCount } = await t.pool.query("select distinct period from earmark.journal")
    expect(rowCount, "periods in which something happened").toBeGreaterThan(2)
    for (const sku of SKUS) {
      expect(await t.engine.availability(sku)).toMatchObject({ onHand: ROUNDS / 2, held: ROUNDS / 2 })
      for (let round = 0; round < ROUNDS; round += 1) {
        const [replay] = await answerAll(t.engine, [reserveCall(sku, 1, `${sku}-${round}`)])
        expect(replay?.outcome).toBe("replayed")
      }
    }
    await second.close()
    await t.close()
  },
)
