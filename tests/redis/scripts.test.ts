/** Each script on a real Redis: what it does once, and that doing it again changes nothing. */
import { randomUUID } from "node:crypto"
import { setTimeout as pause } from "node:timers/promises"
import { beforeAll, beforeEach, describe, expect, inject, test } from "vitest"
import { GROUP } from "../../src/redis/keys.ts"
import { connectRedis, type RedisServer } from "../../src/redis/server.ts"
import { CLOSED, type GrantAnswer, type GrantRequest, Shard } from "../../src/redis/shard.ts"

let server: RedisServer
let shard: Shard
beforeAll(async () => {
  server = await connectRedis(inject("redisUrl"))
  return () => server.close()
})
beforeEach(async () => {
  shard = new Shard(server, `test-${randomUUID()}`, 3)
  await shard.open(1)
  await shard.topUp(1, [
    { levelId: 7, allottedTotal: 3 },
    { levelId: 8, allottedTotal: 1 },
  ])
  return async () => {
    await server.send(shard.keys.stream, ["DEL", ...shard.keys.all])
  }
})

const LAX = { levelId: 7, location: "LAX" }
const JFK = { levelId: 8, location: "JFK" }
const RECORD = '{"l":[["MUG",1]],"t":60}'

function request(more: Partial<GrantRequest> & { readonly quantity?: number } = {}): GrantRequest {
  const { quantity = 1, ...rest } = more
  return {
    id: randomUUID(),
    ttlSeconds: 60,
    keyDigest: null,
    record: RECORD,
    lines: [{ quantity, candidates: [LAX, JFK] }],
    ...rest,
  }
}

async function reserve(...requests: GrantRequest[]): Promise<GrantAnswer[]> {
  const reply = await shard.reserve(1, requests)
  if (reply === CLOSED) throw new Error("the shard is closed")
  return [...reply.answers]
}

async function freeUnits(): Promise<unknown> {
  const levels = await shard.topUp(1, [
    { levelId: 7, allottedTotal: 0 },
    { levelId: 8, allottedTotal: 0 },
  ])
  return levels === CLOSED ? CLOSED : levels.map(({ free }) => free)
}

const LEVEL_OF: Record<string, number> = { LAX: 7, JFK: 8 }
const granted = (...locations: string[]) => ({
  kind: "granted",
  places: locations.map((location) => `${location}:${LEVEL_OF[location]}`).join(","),
})
const stored = expect.stringMatching(/^\d{13}\|LAX:7\|\{"l":\[\["MUG",1\]\],"t":60\}$/)

describe("reserve", () => {
  test("takes units from the first location that has enough, in the order of the requests", async () => {
    const answers = await reserve(
      request({ quantity: 2 }),
      request({ quantity: 2 }),
      request(),
      request(),
      request(),
    )
    expect(answers).toEqual([
      granted("LAX"),
      { kind: "short" },
      granted("LAX"),
      granted("JFK"),
      { kind: "short" },
    ])
    expect(await freeUnits()).toEqual([0, 0])
  })

  test("grants a basket whole or not at all", async () => {
    const both = (a: number, b: number) =>
      request({
        lines: [
          { quantity: a, candidates: [LAX] },
          { quantity: b, candidates: [JFK] },
        ],
      })
    expect(await reserve(both(1, 2), both(3, 1))).toEqual([{ kind: "short" }, granted("LAX", "JFK")])
    expect(await freeUnits()).toEqual([0, 0])
  })

  test("two lines of one basket do not get the same unit", async () => {
    const lines = [
      { quantity: 2, candidates: [LAX] },
      { quantity: 2, candidates: [LAX] },
    ]
    expect(await reserve(request({ lines }))).toEqual([{ kind: "short" }])
  })

  test("knows an id again, within a call and later", async () => {
    const one = request()
    expect(await reserve(one, one)).toEqual([granted("LAX"), { kind: "known", stored }])
    expect(await reserve(one)).toEqual([{ kind: "known", stored }])
    expect(await freeUnits()).toEqual([2, 1])
  })

  test("gives a key's twin what the key has made, within a call and later", async () => {
    const [one, twin] = [request({ keyDigest: "k" }), request({ keyDigest: "k" })]
    expect(await reserve(one, twin)).toEqual([granted("LAX"), { kind: "twin", id: one.id, stored }])
    expect(await reserve(twin)).toEqual([{ kind: "twin", id: one.id, stored }])
    expect(await freeUnits()).toEqual([2, 1])
  })

  test("sends a twin to Postgres when the first one went there for want of units, also if there are some now", async () => {
    expect(await reserve(request({ quantity: 4, keyDigest: "k" }))).toEqual([{ kind: "short" }])
    await shard.topUp(1, [{ levelId: 7, allottedTotal: 10 }])
    expect(await reserve(request({ quantity: 4, keyDigest: "k" }))).toEqual([{ kind: "elsewhere" }])
    expect(await reserve(request({ quantity: 4, keyDigest: "other" }))).toEqual([granted("LAX")])
  })

  test("says what it had of all that was asked for when one fell short", async () => {
    await shard.takeBack(1, [{ levelId: 7, units: 1 }])
    const reply = await shard.reserve(1, [request({ quantity: 2 }), request({ quantity: 2 })])
    expect(reply).toMatchObject({
      shortOf: {
        epoch: 1,
        overdue: false,
        levels: [
          { levelId: 7, free: 0, allottedTotal: 3, returnedTotal: 1 },
          { levelId: 8, free: 1, allottedTotal: 1, returnedTotal: 0 },
        ],
      },
    })
  })

  test("says that a deadline has passed", async () => {
    await reserve(request({ quantity: 3, ttlSeconds: 1 }))
    await pause(1050)
    expect(await shard.reserve(1, [request({ quantity: 2 })])).toMatchObject({ shortOf: { overdue: true } })
    expect((await shard.overdue(10)).grants).toHaveLength(1)
  })

  test("grants nothing in another epoch, nor while fenced", async () => {
    expect(await shard.reserve(2, [request()])).toBe(CLOSED)
    await shard.fence(1)
    expect(await shard.reserve(1, [request()])).toBe(CLOSED)
    expect(await shard.topUp(1, [{ levelId: 7, allottedTotal: 9 }])).toBe(CLOSED)
    expect(await shard.takeBack(1, [{ levelId: 7, units: 9 }])).toBe(CLOSED)
    expect(await shard.refuse(1, [randomUUID()])).toBe(CLOSED)
  })
})

describe("totals", () => {
  test("an allotment is added once, however often and in whatever order it is told", async () => {
    for (const allottedTotal of [5, 4, 5, 2]) await shard.topUp(1, [{ levelId: 7, allottedTotal }])
    expect(await freeUnits()).toEqual([5, 1])
  })

  test("what is taken back is taken once, and told as a total", async () => {
    const take = (units: number) => shard.takeBack(1, [{ levelId: 7, units }])
    expect(await take(2)).toMatchObject({ levels: [{ free: 1, returnedTotal: 2 }] })
    expect(await take(9)).toMatchObject({ levels: [{ free: 0, returnedTotal: 3 }] })
    expect(await take(9)).toMatchObject({ levels: [{ free: 0, returnedTotal: 3 }] })
  })
})

test("what is recalled comes back as a whole, and is not to be allotted again for a moment", async () => {
  expect(await shard.recall(1, [7])).toMatchObject({
    overdue: false,
    levels: [{ levelId: 7, free: 0, allottedTotal: 3, returnedTotal: 3 }],
  })
  const both = [7, 8].map((levelId) => ({ levelId, allottedTotal: 0 }))
  expect(await shard.topUp(1, both)).toEqual([
    { free: 0, isRecalled: true },
    { free: 1, isRecalled: false },
  ])
  await expect.poll(() => shard.topUp(1, both)).toMatchObject([{ isRecalled: false }, { isRecalled: false }])
})

test("consumers that are gone are forgotten, unless there is something that they have not finished", async () => {
  const { stream } = shard.keys
  await shard.send(stream, "XGROUP", "CREATECONSUMER", stream, GROUP, "gone")
  await reserve(request())
  await shard.send(stream, "XREADGROUP", "GROUP", GROUP, "busy", "STREAMS", stream, ">")
  const consumers = async () => {
    const reply = (await shard.send(stream, "XINFO", "CONSUMERS", stream, GROUP)) as string[][]
    return reply.map(([, name]) => name)
  }
  expect(await shard.tidy(60_000)).toBe(0)
  await expect.poll(() => shard.tidy(5)).toBe(1)
  expect(await consumers()).toEqual(["busy"])
  const [[entry = ""] = []] = (await shard.send(stream, "XRANGE", stream, "-", "+")) as [string][]
  await shard.settle([entry], [])
  await expect.poll(() => shard.tidy(5)).toBe(1)
  expect(await consumers()).toEqual([])
})

test("keys that went to Postgres and requests that were given up are forgotten in the end, the late ones not at once", async () => {
  await reserve(request({ quantity: 9, keyDigest: "sold-out" }))
  await shard.refuse(1, [randomUUID()])
  const kept = async (name: string) => {
    const key = shard.keys.all.find((one) => one.endsWith(name)) ?? ""
    await shard.send(key, "ZADD", key, "1000", "long ago")
    await shard.tidy(60_000)
    return (await shard.send(key, "ZRANGE", key, "0", "-1")) as string[]
  }
  expect(await kept(":elsewhere")).toEqual(["sold-out"])
  expect(await kept(":refused")).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)])
})

describe("afterwards", () => {
  test("what is settled is forgotten, again and again, and a key only by whose it is", async () => {
    const [one, other] = [request({ keyDigest: "k" }), request()]
    await reserve(one, other)
    await shard.settle([], [{ id: other.id, keyDigest: "k" }])
    expect(await reserve(request({ keyDigest: "k" }))).toMatchObject([{ kind: "twin", id: one.id }])
    for (let count = 0; count < 2; count += 1) await shard.settle([], [{ id: one.id, keyDigest: "k" }])
    expect(await shard.status(1)).toMatchObject({ grants: 0, entries: 1, earliestDeadlineMs: null })
    expect(await reserve(request({ keyDigest: "k" }))).toEqual([granted("LAX")])
  })

  test("what is nobody's is free again, once", async () => {
    const [one, other] = [request({ keyDigest: "k" }), request()]
    await reserve(one, other)
    const grants = [{ id: one.id, keyDigest: "k" }]
    for (let count = 0; count < 2; count += 1) await shard.discard(grants)
    expect(await freeUnits()).toEqual([2, 1])
    expect(await shard.status(1)).toMatchObject({ grants: 1 })
    expect(await reserve(request({ keyDigest: "k" }))).toEqual([granted("LAX")])
  })

  test("a request that is given up is told what it got, or never gets anything", async () => {
    const [one, other] = [request(), request()]
    await reserve(one)
    expect(await shard.refuse(1, [one.id, other.id])).toEqual([stored, null])
    expect(await reserve(other)).toEqual([{ kind: "refused" }])
    expect(await freeUnits()).toEqual([2, 1])
  })

  test("an epoch is opened once, empty, and never an earlier one", async () => {
    await reserve(request())
    expect(await shard.open(1)).toBe(false)
    expect(await shard.status(1)).toMatchObject({ isOpen: true, grants: 1, hasGroup: true })
    expect(await shard.open(2)).toBe(false)
    expect(await shard.fence(1)).toBe(true)
    expect(await shard.open(2)).toBe(true)
    expect(await shard.status(2)).toMatchObject({ isOpen: true, grants: 0, entries: 0, hasGroup: true })
    expect(await shard.open(1)).toBe(false)
    expect(await shard.fence(1)).toBe(false)
    expect(await shard.status(2)).toMatchObject({ isOpen: true })
  })
})
