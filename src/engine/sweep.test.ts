import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { createContext } from "./context.ts"
import { type EngineObserver, SILENT_OBSERVER, type Store, type Strategy } from "./ports.ts"
import { sweep } from "./sweep.ts"

const SHARED_MAX = 3

interface Scene {
  readonly overdue: number
  /** Refuses to end these together with others. */
  readonly refuses?: (id: string) => boolean
  /** What ending one alone comes to. */
  readonly alone?: () => Promise<{ outcome: "expired" | "unchanged" }>
}

function scene({ overdue, refuses = () => false, alone = async () => ({ outcome: "expired" }) }: Scene) {
  const together: number[] = []
  const single: string[] = []
  const most = { underWay: 0 }
  const told: [holds: number, lagSeconds: number][] = []
  const store = {
    overdue: async (limit: number) =>
      Array.from({ length: Math.min(limit, overdue) }, (_, index) => ({ id: `${index}`, overdueMs: index })),
    async expire(ids: readonly string[]) {
      await turn()
      if (ids.some(refuses)) throw new Error("refused")
      together.push(ids.length)
      return ids.length
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
      return alone()
    },
  } as unknown as Strategy
  const observer: EngineObserver = { ...SILENT_OBSERVER, swept: (holds, lag) => told.push([holds, lag]) }
  return { together, single, most, told, context: createContext({ strategy, store, observer }) }
}

test("ends some hundreds together, and counts each", async () => {
  const { context, together, single, told } = scene({ overdue: 1100 })
  expect(await sweep(context)).toBe(1100)
  expect([together, single]).toEqual([[256, 256, 256, 256, 38, 38], []])
  expect(told).toEqual([[1100, 1.099]])
})

test("those that cannot be ended together are ended one by one, and hold up nobody else", async () => {
  const { context, together, single, most } = scene({ overdue: 1100, refuses: (id) => id === "600" })
  expect(await sweep(context)).toBe(1100)
  expect(together.toSorted((a, b) => b - a)).toEqual([256, 256, 256, 38, 38])
  expect(single).toHaveLength(256)
  expect(most.underWay).toBe(SHARED_MAX)
})

test("a rival's are not counted", async () => {
  const { context } = scene({
    overdue: 3,
    refuses: () => true,
    alone: async () => ({ outcome: "unchanged" }),
  })
  expect(await sweep(context)).toBe(0)
})

test("it fails when none could be ended, and asks a database that is away some hundred times", async () => {
  const away = new Error("away")
  const { context, single } = scene({
    overdue: 5000,
    refuses: () => true,
    alone: () => Promise.reject(away),
  })
  await expect(sweep(context)).rejects.toBe(away)
  // Those that were under way when the hundredth failed end as well.
  expect(single.length).toBeLessThanOrEqual(100 + 2 * SHARED_MAX)
})
