/** What is answered when something changes while a call is under way. */
import { expect, test, vi } from "vitest"
import type { ReserveCommand } from "../core/commands.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { Granting } from "./granting.ts"
import type { HotStock } from "./hot-stock.ts"
import { Outstanding } from "./outstanding.ts"
import { RedisAway, RedisUnreached } from "./server.ts"
import { CLOSED, type GrantAnswers, type GrantRequest, type Shard } from "./shard.ts"

const COMMAND: ReserveCommand = {
  kind: "reserve",
  id: "0197c0de-5f0a-7000-a1b2-c3d4e5f60718",
  customerId: null,
  lines: [{ sku: "MUG", quantity: 1, location: null }],
  ttlSeconds: 60,
  ttlSecondsMax: 600,
  metadata: {},
  key: null,
  replaces: null,
}
const GRANTED: GrantAnswers = {
  nowMs: 1000,
  entry: { ms: 1000, sequence: 0 },
  answers: [{ kind: "granted", places: "LAX:1" }],
  shortOf: null,
}
const STORED = '1000|LAX:1|{"l":[["MUG",1]],"t":60}'

interface Scene {
  /** What is believed of the shard, each time that somebody asks. */
  readonly epochs: (number | null)[]
  readonly reserve?: (
    epoch: number,
    requests: readonly GrantRequest[],
  ) => Promise<GrantAnswers | typeof CLOSED>
  readonly refuse?: () => Promise<(string | null)[] | typeof CLOSED>
  /** Where the unit may come from. */
  readonly places?: number
}

function scene({ epochs, reserve = async () => GRANTED, refuse = async () => [null], places = 1 }: Scene) {
  const hot = { epochOf: () => (epochs.length > 1 ? epochs.shift() : epochs[0]) ?? null } as Partial<HotStock>
  const shard = { number: 0, reserve, refuse } as Partial<Shard>
  const outstanding = new Outstanding()
  const granting = new Granting({
    hot: hot as HotStock,
    shards: [shard as Shard],
    outstanding,
    observer: SILENT_OBSERVER,
  })
  const candidates = Array.from({ length: places }, () => ({ levelId: 1, location: "LAX" }))
  const line = { quantity: 1, candidates }
  return { outstanding, ask: () => granting.ask(COMMAND, { shard: 0, lines: [line] }) }
}

test("a grant is acknowledged, and remembered until it is persisted", async () => {
  const { ask, outstanding } = scene({ epochs: [1] })
  expect(await ask()).toEqual({ kind: "granted", createdAtMs: 1000, locations: ["LAX"] })
  expect(outstanding.size).toBe(1)
})

test("a shard that is not believed in is not asked", async () => {
  const { ask } = scene({ epochs: [null], reserve: () => Promise.reject(new Error("asked")) })
  expect(await ask()).toEqual({ kind: "not-asked" })
})

test("what an old primary granted after its epoch was over is not acknowledged", async () => {
  for (const later of [null, 2]) {
    const { ask, outstanding } = scene({ epochs: [1, later] })
    expect(await ask()).toEqual({ kind: "unknown" })
    expect(outstanding.size).toBe(0)
  }
})

test("a closed shard has granted nothing", async () => {
  const { ask } = scene({ epochs: [1], reserve: async () => CLOSED })
  expect(await ask()).toEqual({ kind: "not-asked" })
})

test("what was never sent is not looked up: it is not granted", async () => {
  const reserve = () => Promise.reject(new RedisUnreached("offline"))
  const refuse = () => Promise.reject(new Error("looked up"))
  const { ask } = scene({ epochs: [1], reserve, refuse })
  expect(await ask()).toEqual({ kind: "not-asked" })
})

test.each([
  [1, [3, 3]],
  [1000, [1, 1, 1, 1, 1, 1]],
])(
  "requests travel together, unless each of them is much work: %i places, batches of %j",
  async (places, sizes) => {
    const batches: number[] = []
    const { ask } = scene({
      epochs: [1],
      places,
      async reserve(_, requests) {
        batches.push(requests.length)
        return { ...GRANTED, answers: requests.map(() => ({ kind: "short" })) }
      },
    })
    await Promise.all(Array.from({ length: 6 }, ask))
    expect(batches).toEqual(sizes)
  },
)

test("a lost answer is looked up: it was granted, or never will be", async () => {
  const reserve = () => Promise.reject(new RedisAway("cut off"))
  const was = scene({ epochs: [1], reserve, refuse: async () => [STORED] })
  expect(await was.ask()).toEqual({ kind: "granted", createdAtMs: 1000, locations: ["LAX"] })
  expect(was.outstanding.size).toBe(1)
  const never = scene({ epochs: [1], reserve, refuse: async () => [null] })
  expect(await never.ask()).toEqual({ kind: "not-asked" })
  const gone = scene({ epochs: [1], reserve, refuse: async () => CLOSED })
  expect(await gone.ask()).toEqual({ kind: "unknown" })
})

test("while nobody can look it up it stays unknown, after a second, and the shard is left alone for another", async () => {
  const away = () => Promise.reject(new RedisAway("away"))
  const reserve = vi.fn<() => Promise<GrantAnswers>>(away)
  const { ask } = scene({ epochs: [1], reserve, refuse: away })
  expect(await ask()).toEqual({ kind: "unknown" })
  expect(await ask()).toEqual({ kind: "not-asked" })
  expect(reserve).toHaveBeenCalledTimes(1)
  reserve.mockResolvedValue(GRANTED)
  await expect.poll(ask, { timeout: 10_000 }).toMatchObject({ kind: "granted" })
})
