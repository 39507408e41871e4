/** How sales begin and end, over a stage that does what a test says. */
import { setTimeout as pause } from "node:timers/promises"
import { expect, test } from "vitest"
import type { SaleView } from "../../src/engine/theatre.ts"
import { type OpenTheatre, openTheatre } from "../../src/theatre/open-theatre.ts"
import { type ScriptedStage, scriptedStage } from "./scripted-stage.ts"

const NEVER = new AbortController().signal
const REQUEST = { units: 10, buyers: 500, strategy: "batched" } as const

const open = (stage: ScriptedStage, more: { stopping?: AbortSignal; timeLimitMs?: number } = {}) =>
  openTheatre(stage, { stopping: NEVER, ...more })

async function started(theatre: OpenTheatre, request: Parameters<OpenTheatre["start"]>[0] = REQUEST) {
  const outcome = await theatre.start(request)
  if (outcome.outcome !== "started") throw new Error(outcome.outcome)
  return outcome.sale
}

async function last(theatre: OpenTheatre, id: string): Promise<SaleView> {
  let latest: SaleView | null = null
  for await (const view of theatre.follow(id, NEVER) ?? []) latest = view
  if (latest === null) throw new Error(`nothing was told of ${id}`)
  return latest
}

/** A buyer who waits until the test lets everybody go. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  let waiting = 0
  return {
    letGo: resolve,
    waiting: () => waiting,
    async buy() {
      waiting += 1
      await promise
      return true
    },
  }
}

test("a sale ends with every buyer answered, the books read, and everything closed", async () => {
  const stage = scriptedStage()
  const theatre = open(stage)
  const { id, state } = await started(theatre)
  expect(state).toBe("preparing")
  const view = await last(theatre, id)
  expect(view).toMatchObject({
    state: "finished",
    figures: { asked: 500, reserved: 10, refused: 490, failed: 0 },
    oversold: 0,
    books: { units: 10, promised: 10, available: 0 },
    stoppedBy: null,
    failure: null,
  })
  expect(theatre.current()).toEqual(view)
  expect(stage.steps).toEqual(["cleared", "seller closed", "sandbox closed"])
})

test("what is oversold is counted by what buyers were told, and in the end by the books", async () => {
  const counting = Promise.withResolvers<void>()
  const books = async () => {
    await counting.promise
    return { units: 10, promised: 300, available: 7, brokenLaws: null }
  }
  const theatre = open(scriptedStage({ buy: async () => true, books }))
  const { id } = await started(theatre)
  await expect.poll(() => theatre.sale(id)).toMatchObject({ state: "counting", oversold: 490 })
  counting.resolve()
  expect(await last(theatre, id)).toMatchObject({ state: "finished", oversold: 290 })
})

test("no more than 200 ask at once", async () => {
  const buyers = gate()
  const theatre = open(scriptedStage(buyers))
  const { id } = await started(theatre)
  await expect.poll(buyers.waiting).toBe(200)
  await pause(20)
  expect(buyers.waiting()).toBe(200)
  buyers.letGo()
  expect((await last(theatre, id)).figures.asked).toBe(500)
})

test("there is one at a time: also of two that are asked for at the same moment", async () => {
  const buyers = gate()
  const theatre = open(scriptedStage(buyers))
  const [first, second] = await Promise.all([theatre.start(REQUEST), theatre.start(REQUEST)])
  if (first.outcome !== "started") throw new Error(first.outcome)
  const { id } = first.sale
  expect(second).toEqual({ outcome: "sale_running", id })
  expect(await theatre.start(REQUEST)).toEqual({ outcome: "sale_running", id })
  buyers.letGo()
  await last(theatre, id)
  expect((await started(theatre)).id).not.toBe(id)
  await theatre.close()
})

test("where another process has the sandbox, or it cannot be had, what was there before is kept", async () => {
  let claim = scriptedStage().claim
  const theatre = open(scriptedStage({ claim: () => claim() }))
  const { id } = await started(theatre)
  await last(theatre, id)
  claim = async () => null
  expect(await theatre.start(REQUEST)).toEqual({ outcome: "sale_running", id: null })
  claim = () => Promise.reject(new Error("the database is away"))
  await expect(theatre.start(REQUEST)).rejects.toThrow("away")
  expect(theatre.current()?.id).toBe(id)
})

test("nobody waits for a sale that never began", async () => {
  const claimed = Promise.withResolvers<null>()
  const theatre = open(scriptedStage({ claim: () => claimed.promise }))
  const starting = theatre.start(REQUEST)
  const closing = theatre.close()
  claimed.resolve(null)
  expect((await starting).outcome).toBe("sale_running")
  await closing
  expect(theatre.current()).toBeNull()
})

test("a sale that is stopped answers whoever has asked, and nobody else", async () => {
  const buyers = gate()
  const theatre = open(scriptedStage(buyers))
  const { id } = await started(theatre)
  await expect.poll(buyers.waiting).toBe(200)
  const stopped = theatre.stop(id)
  buyers.letGo()
  expect(await stopped).toMatchObject({
    state: "stopped",
    stoppedBy: "request",
    figures: { asked: 200, reserved: 200 },
    books: { units: 10 },
  })
  expect(await theatre.stop(id)).toEqual(theatre.sale(id))
  expect(await theatre.stop("sale_0")).toBeNull()
})

test("no sale takes longer than the time limit", async () => {
  const buy = async () => {
    await pause(5)
    return false
  }
  const theatre = open(scriptedStage({ buy }), { timeLimitMs: 50 })
  const { id } = await started(theatre, { ...REQUEST, buyers: 20_000 })
  const view = await last(theatre, id)
  expect(view).toMatchObject({ state: "stopped", stoppedBy: "time_limit" })
  expect(view.figures.asked).toBeGreaterThan(0)
  expect(view.figures.asked).toBeLessThan(20_000)
})

test("with the service the sale ends too, and no other begins", async () => {
  const buyers = gate()
  const stage = scriptedStage(buyers)
  const stopping = new AbortController()
  const theatre = open(stage, { stopping: stopping.signal })
  const { id } = await started(theatre)
  await expect.poll(buyers.waiting).toBe(200)
  stopping.abort()
  const closed = theatre.close()
  buyers.letGo()
  await closed
  expect(theatre.sale(id)).toMatchObject({ state: "stopped", stoppedBy: "shutdown", figures: { asked: 200 } })
  expect(stage.steps.at(-1)).toBe("sandbox closed")
  await expect(theatre.start(REQUEST)).rejects.toMatchObject({ code: "unavailable", notApplied: true })
})

test("a buyer who gets no answer is counted, and the sale goes on", async () => {
  let asked = 0
  const buy = async () => {
    asked += 1
    if (asked % 5 === 0) throw new Error("the queue is full")
    return false
  }
  const theatre = open(scriptedStage({ buy }))
  const { id } = await started(theatre)
  expect(await last(theatre, id)).toMatchObject({
    state: "finished",
    figures: { asked: 500, refused: 400, failed: 100 },
    failure: "the queue is full",
  })
})

test.each([
  ["openSeller", { openSeller: () => Promise.reject(new Error("no")) }, ["cleared", "sandbox closed"]],
  [
    "supply",
    { supply: () => Promise.reject(new Error("no")) },
    ["cleared", "seller closed", "sandbox closed"],
  ],
  ["books", { books: () => Promise.reject(new Error("no")) }, ["cleared", "seller closed", "sandbox closed"]],
])("a sale whose %s fails has failed, says why, and leaves nothing open", async (_step, script, steps) => {
  const stage = scriptedStage(script)
  const theatre = open(stage)
  const { id } = await started(theatre)
  expect(await last(theatre, id)).toMatchObject({ state: "failed", failure: "no", books: null })
  expect(stage.steps).toEqual(steps)
  expect((await theatre.start(REQUEST)).outcome).toBe("started")
  await theatre.close()
})

test("the last eight are kept", async () => {
  const theatre = open(scriptedStage())
  const ids: string[] = []
  for (let count = 0; count < 9; count += 1) {
    const { id } = await started(theatre, { ...REQUEST, buyers: 1 })
    ids.push(id)
    await last(theatre, id)
  }
  expect(ids.map((id) => theatre.sale(id)?.id ?? null)).toEqual([null, ...ids.slice(1)])
  expect(theatre.follow(ids[0] ?? "", NEVER)).toBeNull()
})
