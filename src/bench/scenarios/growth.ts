import { randomUUID } from "node:crypto"
import { type Opened, openStock, reserveOneOfEach, type Stock } from "../engine-contender.ts"
import { fill } from "../fill.ts"
import { applyLoad } from "../load/apply-load.ts"
import { chooseUniformly, createRandom } from "../random.ts"
import type { SizeName } from "../result.ts"
import type { Contender, Scenario, Subject, Surroundings } from "../scenario.ts"

const FINISHED: Readonly<Record<SizeName, readonly number[]>> = {
  small: [0, 1000],
  quick: [0, 20_000],
  full: [0, 1_000_000, 10_000_000],
}
const CALLERS: Readonly<Record<SizeName, number>> = { small: 32, quick: 256, full: 256 }
const LEVELS: Readonly<Record<SizeName, number>> = { small: 50, quick: 1000, full: 1000 }
const SEED = 1

/** Each point has tables of its own; they are filled once, and then measured in turns. */
const batched: Contender = {
  name: "batched",
  role: "strategy",
  openSeconds: { small: 1, quick: 10, full: 1500 },
  async open(surroundings) {
    const points = new Map<number, Subject>()
    for (const finished of FINISHED[surroundings.size]) {
      points.set(finished, await openPoint(surroundings, finished))
    }
    return {
      measure(load, seconds) {
        const point = points.get(load.at ?? 0)
        if (!point) throw new Error(`there is no point at ${load.at}`)
        return point.measure(load, seconds)
      },
      async close() {
        for (const point of points.values()) await point.close()
      },
    }
  },
}

export const growth: Scenario = {
  name: "growth",
  title: "Growth",
  question: "Does it stay as fast when the tables are full of finished reservations?",
  counted: "reservations",
  axis: { name: "finished reservations", scale: "linear" },
  contenders: [batched],
  loads: (size) =>
    FINISHED[size].map((finished) => ({
      loop: "closed",
      at: finished,
      label: `${finished.toLocaleString("en")} finished reservations`,
      callers: CALLERS[size],
    })),
}

async function openPoint(surroundings: Surroundings, finished: number): Promise<Subject> {
  const stock = await openStock(surroundings, "batched", LEVELS[surroundings.size])
  try {
    const choose = chooseUniformly(stock.opened.units.skus.length, createRandom(SEED))
    const what = "finished reservations"
    await fill(surroundings, { count: finished, what, make: () => finishOne(stock.opened, choose()) })
    await settle(surroundings, stock)
    const ask = async (caller: number) => {
      // Keyed, as clients send them: random keys land all over an index that has become large.
      const more = { customerId: `c-${caller}`, idempotencyKey: randomUUID() }
      await reserveOneOfEach(stock.opened, [choose()], more)
    }
    const { stopping } = surroundings
    return {
      async measure(load, seconds) {
        return {
          ...(await applyLoad(load, { seconds, stopping, ask })),
          ...(await stock.opened.units.count()),
        }
      },
      close: stock.close,
    }
  } catch (error) {
    await stock.close()
    throw error
  }
}

async function finishOne(opened: Opened, level: number): Promise<void> {
  const { engine, units, again } = opened
  const id = await reserveOneOfEach(opened, [level], { idempotencyKey: randomUUID() })
  const { outcome } = await again.untilAnswered(() => engine.confirm(id))
  if (outcome !== "confirmed") throw new Error(`a confirm was answered ${outcome}`)
  units.confirm(level)
}

/** What autovacuum would do after such a flood of rows at some time, and in some round or other, is done before all. */
async function settle({ server, say }: Surroundings, { schema }: Stock): Promise<void> {
  say("vacuuming what was filled")
  const tables = await server.query(`
    select relname as name
    from pg_class
    where relnamespace = '${schema}'::regnamespace and relkind in ('r', 'p') and not relispartition`)
  for (const { name } of tables) await server.query(`vacuum (analyze) ${schema}.${name}`)
  await server.checkpoint()
}
