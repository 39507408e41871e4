import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { createContext } from "./context.ts"
import { type EngineObserver, SILENT_OBSERVER, type Store, type Strategy } from "./ports.ts"
import { Sweeper } from "./sweep.ts"

const SHARED_MAX = 3

interface Scene {
  readonly overdue: number
  readonly linesEach?: number
  /** Those that stand in the way of the others. */
  readonly refuses?: (id: string) => boolean
  readonly expire?: () => Promise<number>
  /** What ending one alone comes to. */
  readonly alone?: () => Promise<{ outcome: "expired" | "unchanged" }>
}

function scene({ overdue, linesEach = 1, refuses = () => false, expire, alone }: Scene) {
  const together: number[] = []
  const single: string[] = []
  const most = { underWay: 0 }
  const told: [holds: number, lagSeconds: number][] = []
  const store = {
    overdue: async (limit: number) =>
      Array.from({ length: Math.min(limit, overdue) }, (_, index) => ({
        id: `${index}`,
        overdueMs: index,
        lines: linesEach,
      })),
    async expire(ids: readonly string[]) {
      await turn()
      if (ids.some(refuses)) return null
      together.push(ids.length)
      return expire ? expire() : ids.length
    },
  } as Partial<Store> as Store
  let underWay = 0
  const strategy = {
    sharedCommandsMax: SHARED_MAX,
    async submit({ id }: { id: string }) {
      single.push(id)
      underWay += 1
      most.underWay = Math.max(most.underWay, underWay)
      await turn()
      underWay -= 1
      return alone ? alone() : { outcome: "expired" }
    },
  } as unknown as Strategy
  const observer: EngineObserver = { ...SILENT_OBSERVER, swept: (holds, lag) => told.push([holds, lag]) }
  const sweeper = new Sweeper(createContext({ strategy, store, observer }))
  return { together, single, most, told, sweeper }
}

const descending = (counts: readonly number[]) => counts.toSorted((a, b) => b - a)

test("ends some dozens together, and counts each", async () => {
  const { sweeper, together, single, told } = scene({ overdue: 300 })
  expect(await sweeper.sweep()).toBe(300)
  expect([descending(together), single]).toEqual([[64, 64, 64, 64, 22, 22], []])
  expect(told).toEqual([[300, 0.299]])
})

test("baskets count by their lines, and one that is too large comes alone", async () => {
  const baskets = scene({ overdue: 10, linesEach: 30 })
  expect(await baskets.sweeper.sweep()).toBe(10)
  expect(descending(baskets.together)).toEqual([2, 2, 2, 2, 1, 1])
  const large = scene({ overdue: 2, linesEach: 1000 })
  expect(await large.sweeper.sweep()).toBe(2)
  expect(large.together).toEqual([1, 1])
})

test("those that cannot be ended together are ended alone, from one share at a time, and hold up nobody else", async () => {
  const { sweeper, together, single, most } = scene({
    overdue: 300,
    refuses: (id) => ["20", "170"].includes(id),
  })
  expect(await sweeper.sweep()).toBe(300)
  expect(descending(together)).toEqual([64, 64, 22, 22])
  expect(single).toHaveLength(128)
  expect(most.underWay).toBe(SHARED_MAX)
})

test("a rival's are not counted", async () => {
  const { sweeper } = scene({
    overdue: 3,
    refuses: () => true,
    alone: async () => ({ outcome: "unchanged" }),
  })
  expect(await sweeper.sweep()).toBe(0)
})

test("a database that is away is asked once by each share, and that is what the sweep fails with", async () => {
  const away = new Error("away")
  const { sweeper, together, single, told } = scene({ overdue: 5000, expire: () => Promise.reject(away) })
  await expect(sweeper.sweep()).rejects.toBe(away)
  expect([together.length, single, told]).toEqual([2, [], []])
})

test("when ending them alone fails as well, a hundred are enough", async () => {
  const stuck = new Error("stuck")
  const { sweeper, single } = scene({
    overdue: 5000,
    refuses: () => true,
    alone: () => Promise.reject(stuck),
  })
  await expect(sweeper.sweep()).rejects.toBe(stuck)
  // Those that were under way when the hundredth failed end as well.
  expect(single.length).toBeLessThan(100 + SHARED_MAX)
})

test("closing ends a sweep with what is under way, and none begins afterwards", async () => {
  const { sweeper, together } = scene({ overdue: 5000 })
  let swept = -1
  const sweeping = sweeper.sweep().then((count) => {
    swept = count
  })
  await turn()
  await sweeper.close()
  await sweeping
  expect(swept).toBe(128)
  expect(together).toEqual([64, 64])
  await expect(sweeper.sweep()).rejects.toMatchObject({ code: "unavailable", notApplied: true })
})
