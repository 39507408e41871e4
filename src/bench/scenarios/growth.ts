import { randomUUID } from "node:crypto"
import { type Opened, openStock, reserveOneOfEach, type Stock } from "../engine-contender.ts"
import { fill } from "../fill.ts"
import { applyLoad } from "../load/apply-load.ts"
import { chooseUniformly, createRandom } from "../random.ts"
import type { SizeName } from "../result.ts"
import type { Contender, Scenario, Surroundings } from "../scenario.ts"

const FINISHED: Readonly<Record<SizeName, readonly number[]>> = {
  small: [0, 1000],
  quick: [0, 20_000],
  full: [0, 1_000_000, 10_000_000],
}
const CALLERS: Readonly<Record<SizeName, number>> = { small: 32, quick: 256, full: 256 }
const LEVELS: Readonly<Record<SizeName, number>> = { small: 50, quick: 1000, full: 1000 }
const SEED = 1

/** Tables of its own for each point. They are filled once, and shared by whoever measures over them. */
class Points {
  readonly #stocks = new Map<number, Stock>()
  #users = 0

  async open(surroundings: Surroundings): Promise<void> {
    this.#users += 1
    try {
      for (const finished of FINISHED[surroundings.size]) {
        if (!this.#stocks.has(finished)) this.#stocks.set(finished, await openPoint(surroundings, finished))
      }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  at(finished: number): Stock {
    const stock = this.#stocks.get(finished)
    if (!stock) throw new Error(`there is no point at ${finished}`)
    return stock
  }

  async close(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    const stocks = [...this.#stocks.values()]
    this.#stocks.clear()
    const closed = await Promise.allSettled(stocks.map((stock) => stock.close()))
    const failure = closed.find((result) => result.status === "rejected")
    if (failure) throw failure.reason
  }
}

const points = new Points()

/** @param keyed whether each request carries a key: random ones land all over an index that has become large */
function grown(name: string, keyed: boolean, openSeconds: NonNullable<Contender["openSeconds"]>): Contender {
  return {
    name,
    role: "strategy",
    openSeconds,
    async open(surroundings) {
      await points.open(surroundings)
      const random = createRandom(SEED)
      return {
        async measure(load, seconds) {
          const { opened } = points.at(load.at ?? 0)
          const choose = chooseUniformly(opened.units.skus.length, random)
          const ask = async (caller: number) => {
            const more = { customerId: `c-${caller}`, ...(keyed && { idempotencyKey: randomUUID() }) }
            await reserveOneOfEach(opened, [choose()], more)
          }
          const timed = await applyLoad(load, { seconds, stopping: surroundings.stopping, ask })
          await surroundings.server.profile?.stop()
          return { ...timed, ...(await opened.units.count()) }
        },
        close: () => points.close(),
      }
    },
  }
}

export const growth: Scenario = {
  name: "growth",
  title: "Growth",
  question: "Does it stay as fast when the tables are full of finished reservations?",
  counted: "reservations",
  axis: { name: "finished reservations", scale: "linear" },
  contenders: [
    grown("batched", false, { small: 1, quick: 10, full: 1500 }),
    grown("batched-keyed", true, { small: 0, quick: 0, full: 0 }),
  ],
  loads: (size) =>
    FINISHED[size].map((finished) => ({
      loop: "closed",
      at: finished,
      label: `${finished.toLocaleString("en")} finished reservations`,
      callers: CALLERS[size],
    })),
}

async function openPoint(surroundings: Surroundings, finished: number): Promise<Stock> {
  const stock = await openStock(surroundings, "batched", LEVELS[surroundings.size])
  try {
    const choose = chooseUniformly(stock.opened.units.skus.length, createRandom(SEED))
    const what = "finished reservations"
    await fill(surroundings, { count: finished, what, make: () => finishOne(stock.opened, choose()) })
    await settle(surroundings, stock)
    return stock
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
