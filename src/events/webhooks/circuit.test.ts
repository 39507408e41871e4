import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Circuit, type CircuitAnswer, type CircuitEvent, CLOSED, stepCircuit } from "./circuit.ts"

const FAILURES = 5
const OPEN_MIN_MS = 30_000
const OPEN_MAX_MS = 900_000
const PROBE_LOST_MS = 60_000

/** A circuit with a clock beside it. */
function circuitAt(nowMs = 1_000_000) {
  const it = { circuit: CLOSED, nowMs }
  const step = (event: CircuitEvent): CircuitAnswer => {
    const { circuit, answer } = stepCircuit(it.circuit, event, it.nowMs)
    it.circuit = circuit
    return answer
  }
  const fail = (times: number) => {
    for (let time = 0; time < times; time++) step("failure")
  }
  return Object.assign(it, { step, fail })
}

/** Opened for the first time, at its clock. */
function openCircuit() {
  const it = circuitAt()
  it.fail(FAILURES)
  expect(it.circuit).toEqual({
    state: "open",
    failures: FAILURES,
    openings: 1,
    untilMs: it.nowMs + OPEN_MIN_MS,
  })
  return it
}

test("failures in a row open it, others do not", () => {
  const it = circuitAt()
  for (let round = 0; round < 10; round++) {
    it.fail(FAILURES - 1)
    expect(it.step("ask")).toBe("attempt")
    it.step("success")
    expect(it.circuit).toBe(CLOSED)
  }
  it.fail(FAILURES)
  expect(it.step("ask")).toBe("wait")
})

test("a success with no failure before it changes nothing, so that nothing need be written", () => {
  expect(stepCircuit(CLOSED, "success", 5).circuit).toBe(CLOSED)
  expect(stepCircuit(CLOSED, "ask", 5).circuit).toBe(CLOSED)
})

describe("when the time is up", () => {
  test("one is let through, and no other beside it", () => {
    const it = openCircuit()
    it.nowMs += OPEN_MIN_MS - 1
    expect(it.step("ask")).toBe("wait")
    it.nowMs += 1
    expect([it.step("ask"), it.step("ask"), it.step("ask")]).toEqual(["probe", "wait", "wait"])
  })

  test("its success closes it", () => {
    const it = openCircuit()
    it.nowMs += OPEN_MIN_MS
    it.step("ask")
    it.step("success")
    expect(it.circuit).toBe(CLOSED)
  })

  test("its failure opens it for longer, up to the longest", () => {
    const it = openCircuit()
    const openedMs: number[] = []
    for (let opening = 0; opening < 8; opening++) {
      openedMs.push(it.circuit.untilMs - it.nowMs)
      it.nowMs = it.circuit.untilMs
      expect(it.step("ask")).toBe("probe")
      it.step("failure")
    }
    expect(openedMs.map((ms) => ms / 1000)).toEqual([30, 60, 120, 240, 480, 900, 900, 900])
  })

  test("another is let through when it was lost", () => {
    const it = openCircuit()
    it.nowMs += OPEN_MIN_MS
    expect(it.step("ask")).toBe("probe")
    it.nowMs += PROBE_LOST_MS - 1
    expect(it.step("ask")).toBe("wait")
    it.nowMs += 1
    expect([it.step("ask"), it.step("ask")]).toEqual(["probe", "wait"])
  })
})

describe("what began before it opened", () => {
  test("and fails afterwards does not keep it open for longer", () => {
    const it = openCircuit()
    const opened = it.circuit
    it.nowMs += 1000
    it.fail(20)
    expect(it.circuit).toBe(opened)
  })

  test("and succeeds afterwards closes it", () => {
    const it = openCircuit()
    it.step("success")
    expect(it.circuit).toBe(CLOSED)
  })

  test("and fails when it is due has told already what a probe would", () => {
    const it = openCircuit()
    it.nowMs += OPEN_MIN_MS
    it.step("failure")
    expect(it.circuit).toMatchObject({ state: "open", openings: 2, untilMs: it.nowMs + 2 * OPEN_MIN_MS })
  })
})

describe("whatever happens", () => {
  const story = fc.array(
    fc.record({
      event: fc.constantFrom<CircuitEvent>("ask", "ask", "failure", "failure", "failure", "success"),
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40_000 }), fc.constant(OPEN_MAX_MS)),
    }),
    { maxLength: 200 },
  )

  /** Runs the story, and calls after each step. */
  function tell(
    steps: readonly { event: CircuitEvent; afterMs: number }[],
    seen: (step: {
      event: CircuitEvent
      before: Circuit
      after: Circuit
      answer: CircuitAnswer
      nowMs: number
    }) => void,
  ) {
    const it = circuitAt()
    for (const { event, afterMs } of steps) {
      it.nowMs += afterMs
      const before = it.circuit
      const answer = it.step(event)
      seen({ event, before, after: it.circuit, answer, nowMs: it.nowMs })
    }
  }

  test("a success closes it, and only those who ask are answered", () => {
    fc.assert(
      fc.property(story, (steps) =>
        tell(steps, ({ event, after, answer }) => {
          expect(answer === "noted").toBe(event !== "ask")
          if (event === "success") expect(after).toEqual(CLOSED)
        }),
      ),
    )
  })

  test("nobody waits longer than the longest", () => {
    fc.assert(
      fc.property(story, (steps) =>
        tell(steps, ({ after, nowMs }) => {
          expect(stepCircuit(after, "ask", nowMs + OPEN_MAX_MS).answer).not.toBe("wait")
        }),
      ),
    )
  })

  test("it waits exactly while it is not closed and its time is not up", () => {
    fc.assert(
      fc.property(story, (steps) =>
        tell(steps, ({ event, before, answer, nowMs }) => {
          if (event !== "ask") return
          const waits = before.state !== "closed" && nowMs < before.untilMs
          const expected = before.state === "closed" ? "attempt" : "probe"
          expect(answer).toBe(waits ? "wait" : expected)
        }),
      ),
    )
  })

  test("it is open exactly after failures in a row, however they were asked for", () => {
    fc.assert(
      fc.property(story, (steps) => {
        let inARow = 0
        tell(steps, ({ event, after }) => {
          if (event === "failure") inARow += 1
          if (event === "success") inARow = 0
          expect(after.state === "closed").toBe(inARow < FAILURES)
        })
      }),
    )
  })

  test("there is one probe at a time", () => {
    fc.assert(
      fc.property(story, (steps) => {
        let probedMs: number | null = null
        tell(steps, ({ event, answer, nowMs }) => {
          if (event !== "ask") probedMs = null
          if (answer !== "probe") return
          if (probedMs !== null) expect(nowMs - probedMs).toBeGreaterThanOrEqual(PROBE_LOST_MS)
          probedMs = nowMs
        })
      }),
    )
  })

  test("it survives being stored", () => {
    fc.assert(
      fc.property(story, (steps) =>
        tell(steps, ({ after }) => expect(JSON.parse(JSON.stringify(after))).toEqual(after)),
      ),
    )
  })
})
