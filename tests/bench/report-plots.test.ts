import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { drawSvg } from "../../src/bench/report/plots/draw.ts"
import { PALETTES } from "../../src/bench/report/plots/palette.ts"
import { plotsOf } from "../../src/bench/report/plots.ts"
import type { ScenarioResult } from "../../src/bench/result.ts"
import { parseMarkup } from "./markup.ts"
import { contender, hot, report } from "./report-fixture.ts"

// Vega tells of what it could not draw as asked by a warning, and draws something else.
beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation((...words) => {
    throw new Error(words.join(" "))
  })
})
afterEach(() => vi.restoreAllMocks())

const scenarioNamed = (name: string) => report.scenarios.find((scenario) => scenario.name === name) ?? hot
const kinds = (scenario: ScenarioResult) => plotsOf(scenario).map(({ kind }) => kind)

function plotOf(scenario: ScenarioResult, wanted: string) {
  const plot = plotsOf(scenario).find(({ kind }) => kind === wanted)
  if (!plot) throw new Error(`no plot of ${wanted}`)
  return plot
}

const draw = (scenario: ScenarioResult, kind: string, width = 560) =>
  drawSvg(plotOf(scenario, kind), { theme: "light", width })
const texts = (svg: string) =>
  parseMarkup(svg)
    .filter(({ name }) => name === "text")
    .map(({ text }) => text)

describe("a scenario calls for plots by what was measured", () => {
  test.each([
    ["hot", ["rate", "oversold", "concurrency", "latency"]],
    ["storm", ["rate", "oversold", "latency"]],
    ["wide-zipf", ["rate", "latency"]],
    ["flood", ["latency"]],
    ["growth", ["size"]],
    ["http", ["rate", "concurrency", "latency"]],
  ] as const)("%s: %j", (name, wanted) => {
    expect(kinds(scenarioNamed(name))).toEqual(wanted)
  })

  test("nothing to compare, nothing timed, nothing oversold: no plot", () => {
    const bare = { ...hot, axis: null, contenders: [contender("batched", "strategy", [{ rate: 1 }])] }
    expect(kinds(bare)).toEqual([])
  })
})

test.each([
  ["inline", 328],
  ["inline", 560],
  ["light", 720],
  ["dark", 720],
] as const)(
  "in the theme %s, %d wide, every plot is a well-formed picture with words for who cannot see it",
  async (theme, width) => {
    for (const plot of report.scenarios.flatMap(plotsOf)) {
      const svg = await drawSvg(plot, { theme, width })
      const [root, title, description] = parseMarkup(svg)
      expect(root?.attributes).toMatchObject({ role: "img", width: String(width) })
      expect([title?.name, title?.text]).toEqual(["title", plot.title])
      expect([description?.name, description?.text]).toEqual(["desc", plot.description])
      expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    }
  },
)

test.each(["light", "dark", "inline"] as const)(
  "a contender has its colour in all plots of the theme %s",
  async (theme) => {
    for (const kind of ["rate", "concurrency", "latency"]) {
      expect(await drawSvg(plotOf(hot, kind), { theme, width: 560 })).toContain(
        PALETTES[theme].contenders["atomic-update"],
      )
    }
  },
)

describe("rates", () => {
  test("are written beside their names, with how they compare", async () => {
    const shown = texts(await draw(hot, "rate"))
    expect(shown).toEqual(
      expect.arrayContaining(["batched", "36,900 · 24.8 x", "atomic-update", "1,490", "limit"]),
    )
  })

  test("are on a logarithmic scale, which is said, where they are far apart", async () => {
    expect(plotOf(hot, "rate").note).toContain("Logarithmic scale")
    expect(texts(await draw(hot, "rate"))).toEqual(expect.arrayContaining(["100", "1k", "10k"]))
    expect(plotOf(scenarioNamed("storm"), "rate").note).not.toContain("ogarithmic")
    expect(texts(await draw(scenarioNamed("storm"), "rate"))).toEqual(
      expect.arrayContaining(["0", "20k", "60k"]),
    )
  })

  test("of nothing at all leave a plot that can be drawn", async () => {
    const stuck = contender("optimistic", "strategy", [{ rate: 0 }, { rate: 0, at: 16 }])
    const scenario = { ...hot, contenders: [...hot.contenders.slice(0, 2), stuck] }
    for (const kind of ["rate", "concurrency"]) expect(await draw(scenario, kind)).not.toMatch(/NaN|Infinity/)
  })
})

test("units oversold by the broken one stand beside the zeros of the others", async () => {
  const shown = texts(await draw(scenarioNamed("storm"), "oversold"))
  expect(shown).toContain("4,187")
  expect(shown.filter((text) => text === "0")).toHaveLength(4 + 1)
})

test("latencies are drawn from open loops where there are any, by percentile on a logarithmic scale", async () => {
  expect(plotOf(hot, "latency").title).toBe("Latency, open loop")
  expect(plotOf(scenarioNamed("storm"), "latency").title).toContain("closed loop")
  const shown = texts(await draw(hot, "latency"))
  expect(shown).toEqual(
    expect.arrayContaining(["50 %", "90 %", "99 %", "99.9 %", "milliseconds", "1", "10", "100"]),
  )
  expect(shown).not.toContain("limit")
})

test("a flood has a line for what is usual and one for what was felt", async () => {
  const shown = texts(await draw(scenarioNamed("flood"), "latency"))
  expect(shown).toEqual(expect.arrayContaining(["0 overdue holds", "1M overdue holds"]))
})

test("sizes are where they belong on a linear axis, and side by side where a logarithmic one has no zero", async () => {
  const growth = scenarioNamed("growth")
  const places = async (scale: "linear" | "log") => {
    const scenario = { ...growth, axis: { name: "finished reservations", scale } }
    const svg = await draw(scenario, "size")
    return ["0", "1M", "10M"].map((label) => {
      const [, x = ""] =
        new RegExp(`translate\\(([0-9.]+),[0-9.]+\\)"[^>]*>${label}<`).exec(
          svg.slice(svg.indexOf(">0</text>") - 200),
        ) ?? []
      return Number(x)
    })
  }
  const [none = 0, million = 0, tenMillion = 0] = await places("linear")
  expect((million - none) / (tenMillion - none)).toBeCloseTo(0.1, 2)
  const [first = 0, second = 0, third = 0] = await places("log")
  expect((second - first) / (third - first)).toBeCloseTo(0.5, 2)
})

test("names are escaped", async () => {
  const hostile = contender(`<b>&"x"`, "strategy", [{ rate: 100 }])
  const svg = await draw({ ...hot, name: 'a"b<c', contenders: [...hot.contenders, hostile] }, "rate")
  expect(parseMarkup(svg).some(({ name }) => name === "b")).toBe(false)
})

test("the same report makes the same picture", async () => {
  expect(await draw(hot, "rate")).toBe(await draw(hot, "rate"))
})

describe("the palette", () => {
  /** As WCAG 2 defines it. */
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  test.each(["light", "dark"] as const)("%s: all that is written can be read", (theme) => {
    const { background, text, muted, contenders } = PALETTES[theme]
    for (const color of [text, muted, ...Object.values(contenders)]) {
      const [dark = 0, light = 0] = [luminance(color), luminance(background)].sort((a, b) => a - b)
      expect((light + 0.05) / (dark + 0.05), color).toBeGreaterThanOrEqual(4.5)
    }
  })
})

test("the spread is drawn", async () => {
  const withMax = (factor: number): ScenarioResult => ({
    ...hot,
    contenders: hot.contenders.slice(0, 2).map((one) => ({
      ...one,
      points: one.points.map(({ rate, ...point }) => ({
        ...point,
        rate: { ...rate, max: rate.median * factor },
      })),
    })),
  })
  const whiskers = (svg: string) =>
    [...svg.matchAll(/<line [^>]*x2="([0-9.]+)" y2="0" stroke="#1c2430"/g)].map(([, length]) =>
      Number(length),
    )
  const [near, far] = [await draw(withMax(1.02), "rate"), await draw(withMax(1.15), "rate")].map(whiskers)
  expect(far).toHaveLength(2)
  for (const [index, length] of (far ?? []).entries())
    expect(length).toBeGreaterThan(2 * (near?.[index] ?? Number.NaN))
})
