/** The smallest size of the scenario `events`, so that it cannot rot. */
import { expect, inject, onTestFinished, test } from "vitest"
import { compare } from "../../src/bench/events/compare.ts"
import { events } from "../../src/bench/events/scenario.ts"
import { openServer } from "../../src/bench/server.ts"

test("every receiver is told each event that was sold, and no other", async () => {
  const server = await openServer(inject("databaseServerUrl"))
  onTestFinished(() => server.close())
  const stopping = new AbortController().signal
  const surroundings = { server, size: "small", poolSize: 4, say() {}, stopping } as const
  const [load] = events.loads("small")
  if (load?.loop !== "closed") throw new Error("a closed loop comes first")
  for (const contender of events.contenders) {
    const subject = await contender.open(surroundings)
    const measured = await subject.measure(load, 0.5)
    expect(measured, contender.name).toMatchObject({ oversold: 0, leaked: 0 })
    expect(measured.answers, contender.name).toBeGreaterThan(10)
    if (contender.name !== "quiet") {
      // The late writer's is one more, and the backlog comes after what was timed.
      const { events = 0, toldMeanwhile = 0, untold = 0, handedOnPerSecond } = measured.figures ?? {}
      expect(toldMeanwhile + untold, contender.name).toBe(measured.answers + 1)
      expect(events, contender.name).toBeGreaterThan(measured.answers + 1)
      expect(handedOnPerSecond, contender.name).toBeGreaterThan(0)
    }
    await subject.close()
  }
})

test("what was left out, invented or told twice is counted", async () => {
  const event = (subject: string, version: number) =>
    JSON.stringify({
      id: `1-${version}`,
      type: "reservation.held",
      subject,
      data: { lines: [{ sku: "MUG", version }] },
    })
  async function* told(...events: string[]) {
    yield* events
  }
  const granted = new Set(["a", "b", "c"])
  const all = [event("a", 2), event("b", 3), event("c", 4)] as const
  const nothing = { missing: 0, invented: 0, again: 0 }
  expect(await compare(told(...all), granted)).toEqual(nothing)
  expect(await compare(told(...all, all[1], all[2]), granted)).toEqual({ ...nothing, again: 2 })
  // A reservation, and a version.
  expect(await compare(told(all[0], all[2]), granted)).toEqual({ ...nothing, missing: 2 })
  expect(await compare(told(...all, event("d", 5)), granted)).toEqual({ ...nothing, invented: 1 })
})
