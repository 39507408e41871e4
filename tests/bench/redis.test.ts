/** The smallest size of the scenario `redis`, so that it cannot rot. */
import { expect, inject, onTestFinished, test } from "vitest"
import { redis } from "../../src/bench/redis/scenario.ts"
import type { AppliedLoad } from "../../src/bench/scenario.ts"
import { openServer } from "../../src/bench/server.ts"

test("every contender counts its units; what Redis grants is persisted by a worker to the last one", async () => {
  const server = await openServer(inject("databaseServerUrl"))
  onTestFinished(() => server.close())
  const stopping = new AbortController().signal
  const surroundings = { server, size: "small", poolSize: 4, say() {}, stopping } as const
  const loads = redis
    .loads("small")
    .map((load): AppliedLoad => (load.loop === "open" ? { ...load, perSecond: 200 } : load))
  expect(loads.map(({ loop }) => loop)).toEqual(["closed", "open"])
  for (const contender of redis.contenders) {
    const subject = await contender.open(surroundings)
    for (const load of loads.filter((one) => contender.takes?.(one) ?? true)) {
      const measured = await subject.measure(load, 0.5)
      const said = `${contender.name}, ${load.label}`
      expect(measured, said).toMatchObject({ oversold: 0, leaked: 0 })
      expect(measured.answers, said).toBeGreaterThan(10)
      if (contender.name === "redis") {
        expect(measured.figures?.["granted"], said).toBe(measured.answers)
        expect(measured.figures?.["byPostgres"], said).toBeUndefined()
      }
    }
    await subject.close()
  }
})
