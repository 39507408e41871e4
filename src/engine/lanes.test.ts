import { setImmediate as turn } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { EarmarkError } from "../core/errors.ts"
import { type LaneItem, Lanes, type LanesOptions } from "./lanes.ts"
import { SILENT_OBSERVER } from "./ports.ts"

interface Item extends LaneItem {
  readonly name: string
}
interface Run {
  readonly names: readonly string[]
  finish(results: readonly (string | Error)[]): void
  fail(error: Error): void
}

/** Lanes whose batches end when the test says so. */
function lanesUnderTest(options: Partial<LanesOptions<Item, string>> = {}) {
  const runs: Run[] = []
  const lanes = new Lanes<Item, string>({
    lanes: 2,
    batchWeightMax: 100,
    queueMax: 100,
    queueTimeoutMs: 1000,
    observer: SILENT_OBSERVER,
    run: (batch) =>
      new Promise((resolve, reject) => {
        runs.push({ names: batch.map(({ name }) => name), finish: resolve, fail: reject })
      }),
    ...options,
  })
  const submit = (name: string, { hint = 0, weight = 1 } = {}) => lanes.submit({ name, hint, weight })
  return { lanes, runs, submit }
}

/** Ends the batch with an answer for each of its items. */
function answer(run: Run | undefined): void {
  run?.finish(run.names.map((name) => `${name} done`))
}

const refused = { code: "unavailable", notApplied: true, retryable: true }

describe("batches", () => {
  test("an item that is alone is run at once, in a batch of its own", async () => {
    const { runs, submit } = lanesUnderTest()
    const first = submit("a")
    await turn()
    expect(runs.map(({ names }) => names)).toEqual([["a"]])
    answer(runs[0])
    expect(await first).toBe("a done")
    const second = submit("b")
    await turn()
    answer(runs[1])
    expect(await second).toBe("b done")
  })

  test("what arrives while a batch runs travels together in the next one, in order", async () => {
    const { runs, submit } = lanesUnderTest()
    const first = submit("a")
    await turn()
    const later = ["b", "c", "d"].map((name) => submit(name))
    await turn()
    expect(runs).toHaveLength(1)
    answer(runs[0])
    await first
    await turn()
    expect(runs[1]?.names).toEqual(["b", "c", "d"])
    answer(runs[1])
    expect(await Promise.all(later)).toEqual(["b done", "c done", "d done"])
  })

  test("what one turn of the event loop has brought shares the first batch", async () => {
    const { runs, submit } = lanesUnderTest()
    const all = ["a", "b", "c"].map((name) => submit(name))
    await turn()
    expect(runs.map(({ names }) => names)).toEqual([["a", "b", "c"]])
    answer(runs[0])
    await Promise.all(all)
  })

  test("a batch never weighs more than it may, unless a single item does", async () => {
    const weights = { a: 2, b: 2, c: 1, d: 9, e: 5 }
    const { runs, submit } = lanesUnderTest({ batchWeightMax: 5 })
    const all = Object.entries(weights).map(([name, weight]) => submit(name, { weight }))
    for (let batch = 0; batch < 3; batch += 1) {
      await turn()
      answer(runs[batch])
    }
    await Promise.all(all)
    expect(runs.map(({ names }) => names)).toEqual([["a", "b", "c"], ["d"], ["e"]])
  })

  test("the next batch is on its way before a large one is answered, and all are answered in the end", async () => {
    const { runs, submit } = lanesUnderTest()
    let answered = 0
    const count = () => {
      answered += 1
    }
    const many = Array.from({ length: 100 }, (_, index) => submit(`a${index}`).then(count))
    await turn()
    const next = submit("b")
    answer(runs[0])
    await turn()
    expect(runs[1]?.names).toEqual(["b"])
    expect(answered).toBeGreaterThan(0)
    expect(answered).toBeLessThan(100)
    answer(runs[1])
    expect(await next).toBe("b done")
    await Promise.all(many)
    expect(answered).toBe(100)
  })

  test("what comes while the last of a large batch are answered finds the lane running", async () => {
    const { runs, submit } = lanesUnderTest()
    const first = Array.from({ length: 40 }, (_, index) => submit(`a${index}`))
    const again = first.map((item, index) => item.then(() => submit(`b${index}`)))
    await turn()
    answer(runs[0])
    await Promise.all(first)
    for (let batch = 1; batch <= 2; batch += 1) {
      await turn()
      answer(runs[batch])
    }
    expect(await Promise.all(again)).toHaveLength(40)
    // None was left behind, and none ran twice.
    expect(runs.flatMap(({ names }) => names)).toHaveLength(80)
  })

  test("what is queued and how large each batch is, is told to the observer", async () => {
    const told: string[] = []
    const observer = {
      ...SILENT_OBSERVER,
      batch: (size: number) => told.push(`batch ${size}`),
      queued: (requests: number) => told.push(`queued ${requests}`),
    }
    const { runs, submit } = lanesUnderTest({ observer })
    const all = [submit("a"), submit("b")]
    await turn()
    answer(runs[0])
    await Promise.all(all)
    expect(told).toEqual(["queued 1", "queued 2", "queued 0", "batch 2"])
  })
})

describe("lanes", () => {
  test("items with the same hint share a lane; other ones run beside it", async () => {
    const { runs, submit } = lanesUnderTest()
    const all = [submit("a", { hint: 4 }), submit("b", { hint: 4 }), submit("c", { hint: 7 })]
    await turn()
    expect(runs.map(({ names }) => names)).toEqual([["a", "b"], ["c"]])
    answer(runs[1])
    expect(await all[2]).toBe("c done")
    const again = submit("d", { hint: 7 })
    await turn()
    expect(runs.map(({ names }) => names)).toEqual([["a", "b"], ["c"], ["d"]])
    answer(runs[0])
    answer(runs[2])
    await Promise.all([...all, again])
  })
})

describe("failures", () => {
  test("an error for an item fails that item alone", async () => {
    const { runs, submit } = lanesUnderTest()
    const [first, second] = [submit("a"), submit("b")]
    const fault = new Error("b is broken")
    const failed = expect(second).rejects.toBe(fault)
    await turn()
    runs[0]?.finish(["a done", fault])
    expect(await first).toBe("a done")
    await failed
  })

  test("a batch that fails as a whole fails its items, and the lane goes on", async () => {
    const { runs, submit } = lanesUnderTest()
    const fault = new Error("the database is away")
    const failed = [submit("a"), submit("b")].map((item) => expect(item).rejects.toBe(fault))
    await turn()
    const next = submit("c")
    runs[0]?.fail(fault)
    await Promise.all(failed)
    await turn()
    answer(runs[1])
    expect(await next).toBe("c done")
  })

  test("so does one whose run throws before it has promised anything", async () => {
    const fault = new Error("a mistake of ours")
    const { submit } = lanesUnderTest({
      run: () => {
        throw fault
      },
    })
    await expect(submit("a")).rejects.toBe(fault)
    await expect(submit("b")).rejects.toBe(fault)
  })
})

describe("bounds", () => {
  test("while callers are slow, what has run and is not answered stays within two batches, and the queue fills", async () => {
    const { submit, lanes } = lanesUnderTest({
      batchWeightMax: 320,
      queueMax: 1000,
      run: async (batch) => {
        await turn()
        return batch.map(({ name }) => `${name} done`)
      },
    })
    let [underway, refusals, mostUnderway] = [0, 0, 0]
    // Running is quick, and more arrive in each turn of the event loop than are answered in one.
    for (let arrivals = 0; arrivals < 100; arrivals += 1) {
      for (let index = 0; index < 100; index += 1) {
        underway += 1
        submit("a")
          .catch(() => {
            refusals += 1
          })
          .finally(() => {
            underway -= 1
          })
      }
      await turn()
      mostUnderway = Math.max(mostUnderway, underway)
    }
    expect(mostUnderway).toBeLessThanOrEqual(1000 + 100 + 2 * 320)
    expect(refusals).toBeGreaterThan(0)
    await lanes.close()
  })

  test("a queue that is full refuses at once, and nothing was changed", async () => {
    const { runs, submit } = lanesUnderTest({ queueMax: 2 })
    const running = submit("a")
    await turn()
    const waiting = [submit("b"), submit("c")]
    const error = await submit("d").catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(EarmarkError)
    expect(error).toMatchObject(refused)
    // The other lane has room.
    const other = submit("e", { hint: 1 })
    await turn()
    answer(runs[0])
    answer(runs[1])
    await Promise.all([running, other])
    await turn()
    expect(runs.map(({ names }) => names)).toEqual([["a"], ["e"], ["b", "c"]])
    answer(runs[2])
    await Promise.all(waiting)
  })

  describe("of time", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })

    test("what waits too long behind a batch is refused; what runs is not, nor what came later", async () => {
      const { runs, submit } = lanesUnderTest({ queueTimeoutMs: 1000 })
      const running = submit("a")
      await turn()
      const early = submit("b")
      const tooLate = expect(early).rejects.toMatchObject(refused)
      vi.advanceTimersByTime(750)
      const late = submit("c")
      vi.advanceTimersByTime(500)
      await tooLate
      answer(runs[0])
      expect(await running).toBe("a done")
      await turn()
      expect(runs[1]?.names).toEqual(["c"])
      answer(runs[1])
      expect(await late).toBe("c done")
    })

    test("no timer is left behind by a lane that has nothing to do", async () => {
      const { runs, submit } = lanesUnderTest()
      const only = submit("a")
      await turn()
      expect(vi.getTimerCount()).toBe(1)
      answer(runs[0])
      await only
      await turn()
      expect(vi.getTimerCount()).toBe(0)
    })
  })
})

describe("closing", () => {
  test("answers what was accepted, refuses what comes later, and then is done", async () => {
    const { lanes, runs, submit } = lanesUnderTest()
    const accepted = [submit("a"), submit("b", { hint: 1 })]
    await turn()
    accepted.push(submit("c"))
    let closed = false
    const closing = lanes.close().then(() => {
      closed = true
    })
    await expect(submit("d")).rejects.toMatchObject(refused)
    answer(runs[0])
    answer(runs[1])
    await turn()
    expect([closed, runs[2]?.names]).toEqual([false, ["c"]])
    answer(runs[2])
    expect(await Promise.all(accepted)).toEqual(["a done", "b done", "c done"])
    await closing
    expect(runs).toHaveLength(3)
  })

  test("waits until the last of a large batch is answered", async () => {
    const { lanes, runs, submit } = lanesUnderTest()
    let answered = 0
    const many = Array.from({ length: 100 }, (_, index) =>
      submit(`a${index}`).then(() => {
        answered += 1
      }),
    )
    await turn()
    const closing = lanes.close().then(() => answered)
    answer(runs[0])
    expect(await closing).toBe(100)
    await Promise.all(many)
  })

  test("waits for nothing when nothing runs, and may be asked twice", async () => {
    const { lanes, runs, submit } = lanesUnderTest()
    const only = submit("a")
    await turn()
    answer(runs[0])
    await only
    await lanes.close()
    await lanes.close()
  })
})
