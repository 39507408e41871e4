import pc from "picocolors"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { tellProgress } from "./bench-progress.ts"
import type { CliContext } from "./command.ts"

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function watch(isWatched: boolean) {
  const shown: string[] = []
  const said: string[] = []
  const context: CliContext = {
    environment: {},
    print: () => {},
    say: (text) => said.push(text),
    showProgress: (text) => shown.push(text),
    isWatched,
    colors: pc.createColors(false),
    printColors: pc.createColors(false),
  }
  return { shown, said, tell: tellProgress(context) }
}

test.each([
  [0.2, "1 s left"],
  [59.1, "60 s left"],
  [60, "1 min 0 s left"],
  [599, "9 min 59 s left"],
  [3599, "59 min left"],
])("%d seconds are told as %j", (secondsLeft, words) => {
  const { shown, tell } = watch(true)
  tell({ done: 2, all: 10, text: "hot: batched", secondsLeft })
  expect(shown).toEqual([`[3/10] ${words}  hot: batched`])
})

test("on a terminal every step shows, and nothing is said", () => {
  const { shown, said, tell } = watch(true)
  for (const done of [0, 1]) tell({ done, all: 2, text: "x", secondsLeft: 1 })
  expect([shown.length, said]).toEqual([2, []])
})

test("elsewhere a line is said at once, and then now and then", () => {
  const { shown, said, tell } = watch(false)
  for (let second = 0; second < 31; second += 1) {
    tell({ done: second, all: 40, text: "x", secondsLeft: 1 })
    vi.advanceTimersByTime(1000)
  }
  expect(shown).toEqual([])
  expect(said).toEqual(["[1/40] 1 s left  x", "[16/40] 1 s left  x", "[31/40] 1 s left  x"])
})
