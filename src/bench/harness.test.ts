import { expect, test } from "vitest"
import { type HarnessOptions, measureScenarios, type Progress } from "./harness.ts"
import { createHistogram, recordMs } from "./latency.ts"
import { planScenarios } from "./plan.ts"
import type { ScenarioResult } from "./result.ts"
import type { Contender, Load, Measurement, Scenario } from "./scenario.ts"
import type { MeasuredServer } from "./server.ts"

const CLOSED: Load = { loop: "closed", at: 8, label: "8 callers", callers: 8 }
const MORE: Load = { loop: "closed", at: 9, label: "9 callers", callers: 9 }
const OPEN: Load = { loop: "open", at: null, label: "by the clock", shareOfHighest: 0.5 }
const EXTENT = { size: "small", rounds: 2, seconds: 0.6 } as const

/** Contenders that measure nothing and write down what they are asked for. */
function scene({ rates = {}, loads = [CLOSED, OPEN], fail = () => {} }: Partial<Scene> = {}) {
  const log: string[] = []
  const contender = (name: string, more: Partial<Contender> = {}): Contender => ({
    name,
    role: "strategy",
    ...more,
    async open() {
      log.push(`open ${name}`)
      const left = [...(rates[name] ?? [])]
      return {
        async measure(load, seconds): Promise<Measurement> {
          log.push(
            `${name} ${load.loop} ${load.loop === "open" ? load.perSecond : load.callers} ${seconds.toFixed(1)}`,
          )
          fail(name)
          const latencies = createHistogram()
          recordMs(latencies, 1)
          return { answers: left.shift() ?? 100, seconds: 1, latencies, oversold: 1, leaked: 2 }
        },
        async close() {
          log.push(`close ${name}`)
        },
      }
    },
  })
  const contenders = [
    contender("a"),
    contender("b"),
    contender("c", { takes: ({ loop }) => loop === "closed" }),
  ]
  const words = { title: "", question: "", counted: "answers", axis: null }
  const scenario: Scenario = { name: "scene", ...words, contenders, loads: () => loads }
  return { log, scenario }
}

interface Scene {
  /** What each contender answers in its measurements, the warm-up included. */
  readonly rates: Readonly<Record<string, readonly number[]>>
  readonly loads: readonly Load[]
  readonly fail: (name: string) => void
}

function options(more: Partial<HarnessOptions> = {}): HarnessOptions {
  const server = { checkpoint: async () => {} } as MeasuredServer
  const stopping = new AbortController().signal
  const commandFor = (name: string) => `bench ${name}`
  const measured = async () => {}
  return { extent: EXTENT, poolSize: 4, server, stopping, progress: () => {}, measured, commandFor, ...more }
}

test("contenders take turns under each load, closed ones first, and an open one is sized by the highest rate", async () => {
  const rates = { a: [1, 1, 100, 500, 300, 700], b: [1, 1, 50, 10, 10, 20] }
  const { log, scenario } = scene({ rates, loads: [CLOSED, MORE, OPEN] })
  const [result] = await measureScenarios(planScenarios([scenario], "small", null), options())
  expect(log).toEqual([
    ...["open a", "open b", "open c"],
    ...["a closed 8 0.2", "b closed 8 0.2", "c closed 8 0.2"],
    ...["a closed 9 0.2", "b closed 9 0.2", "c closed 9 0.2"],
    ...["a closed 8 0.6", "b closed 8 0.6", "c closed 8 0.6"],
    ...["a closed 9 0.6", "b closed 9 0.6", "c closed 9 0.6"],
    ...["a closed 8 0.6", "b closed 8 0.6", "c closed 8 0.6"],
    ...["a closed 9 0.6", "b closed 9 0.6", "c closed 9 0.6"],
    ...["a open 300 0.6", "b open 15 0.6"],
    ...["a open 300 0.6", "b open 15 0.6"],
    ...["close a", "close b", "close c"],
  ])
  expect(result).toMatchObject({ name: "scene", command: "bench scene" })
  const [a, , c] = result?.contenders ?? []
  expect(c?.points.map(({ loop }) => loop)).toEqual(["closed", "closed"])
  expect(a?.points[0]).toMatchObject({
    loop: "closed",
    at: 8,
    offeredPerSecond: null,
    rounds: 2,
    // The warm-up is not measured, and its units count all the same.
    rate: { median: 200, min: 100, max: 300 },
    oversold: 3,
    leaked: 6,
  })
  expect(a?.points[1]).toMatchObject({ loop: "closed", at: 9, rate: { median: 600 } })
  expect(a?.points[2]).toMatchObject({ loop: "open", offeredPerSecond: 300, rounds: 2, oversold: 2 })
})

test("only the contenders that were named run, and a scenario without any is left out", async () => {
  const { log, scenario } = scene()
  const plans = planScenarios([scenario, { ...scenario, name: "other", contenders: [] }], "small", ["b"])
  const results = await measureScenarios(plans, options())
  expect(results.map(({ name, contenders }) => [name, contenders.map((each) => each.name)])).toEqual([
    ["scene", ["b"]],
  ])
  expect(log.filter((line) => !line.includes("b "))).toEqual(["open b", "close b"])
})

test("progress counts up to the last step, and the time left down", async () => {
  const told: Progress[] = []
  const { scenario } = scene()
  const plans = planScenarios([scenario], "small", null)
  await measureScenarios(plans, options({ progress: (progress) => told.push(progress) }))
  const all = 3 + 3 + 6 + 4
  expect(told.map(({ done }) => done)).toEqual(Array.from({ length: all }, (_, index) => index))
  expect(told[0]).toMatchObject({ all, text: "scene: opening a" })
  expect(told.at(-1)?.text).toBe("scene: b, by the clock, round 2 of 2")
  expect(told[0]?.secondsLeft).toBeGreaterThan(10)
  expect(told.at(-1)?.secondsLeft).toBeLessThan(1)
})

test("what has been measured is told after each scenario, so that a later failure takes nothing with it", async () => {
  const told: string[][] = []
  const measured = async (results: readonly ScenarioResult[]) => {
    told.push(results.map(({ name }) => name))
  }
  const broken = scene({
    fail: () => {
      throw new Error("it broke")
    },
  }).scenario
  const scenarios = [scene().scenario, { ...scene().scenario, name: "second" }, broken]
  const run = measureScenarios(planScenarios(scenarios, "small", null), options({ measured }))
  await expect(run).rejects.toThrow("it broke")
  expect(told).toEqual([["scene"], ["scene", "second"]])
})

test("a failure closes what was opened", async () => {
  const fail = (name: string) => {
    if (name === "b") throw new Error("it broke")
  }
  const { log, scenario } = scene({ fail })
  await expect(measureScenarios(planScenarios([scenario], "small", null), options())).rejects.toThrow(
    "it broke",
  )
  expect(log.filter((line) => line.startsWith("close"))).toEqual(["close a", "close b", "close c"])
})

test("told to stop, it ends after the step under way and closes what was opened", async () => {
  const stopping = new AbortController()
  const fail = (name: string) => {
    if (name === "b") stopping.abort()
  }
  const { log, scenario } = scene({ fail })
  const run = measureScenarios(
    planScenarios([scenario], "small", null),
    options({ stopping: stopping.signal }),
  )
  expect(await run.catch((error: unknown) => error)).toBe(stopping.signal.reason)
  expect(log.at(-4)).toBe("b closed 8 0.2")
  expect(log.slice(-3)).toEqual(["close a", "close b", "close c"])
})
