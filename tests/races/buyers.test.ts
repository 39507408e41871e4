import { expect, test } from "vitest"
import { POSTGRES_STRATEGIES } from "../../src/index.ts"
import { countOutcomes, reserveCall } from "../support/calls.ts"
import { expectDrains } from "../support/drain.ts"
import { createTestEngine, stock } from "../support/engine.ts"
import { callFromProcesses } from "../support/processes.ts"

const BUYERS = 500
const UNITS = 50
const PROCESSES = 3
/** Of each process: on a slow machine more would wait so long for a connection that some are sent away. */
const AT_ONCE = 15

test.each(POSTGRES_STRATEGIES)(
  "%s: of 500 buyers from three processes exactly 50 get one of 50 units",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    await stock(t.engine, "MUG", { LAX: 30, JFK: 20 })
    const plans = Array.from({ length: PROCESSES }, (_, index) => ({
      url: t.url,
      strategy,
      atOnce: AT_ONCE,
      calls: Array.from({ length: Math.ceil((BUYERS - index) / PROCESSES) }, () => reserveCall("MUG")),
    }))
    const answers = (await callFromProcesses(plans)).flat()
    expect(countOutcomes(answers)).toEqual({ reserved: UNITS, insufficient_stock: BUYERS - UNITS })
    expect(await t.engine.availability("MUG")).toMatchObject({ onHand: UNITS, held: UNITS, available: 0 })
    await expectDrains(t.engine, "MUG", UNITS)
    await t.close()
  },
)

test.each(POSTGRES_STRATEGIES)(
  "%s: keys shared pairwise between processes make one reservation each",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    await stock(t.engine, "MUG", { LAX: UNITS })
    const keys = Array.from({ length: 80 }, (_, index) => `cart-${index}`)
    const plan = (own: readonly string[]) => ({
      url: t.url,
      strategy,
      calls: own.map((key) => reserveCall("MUG", 1, key)),
    })
    // The second process comes with the same keys in the opposite order.
    const [first = [], second = []] = await callFromProcesses([plan(keys), plan(keys.toReversed())])
    const twins = keys.map((_, index) => [first[index], second[keys.length - 1 - index]] as const)
    const winners = new Set<string | undefined>()
    for (const [one, other] of twins) {
      expect(one?.id).toBe(other?.id)
      if (one?.id !== undefined) {
        expect([one.outcome, other?.outcome].sort()).toEqual(["replayed", "reserved"])
        winners.add(one.id)
      }
    }
    expect(winners.size).toBe(UNITS)
    expect(countOutcomes([...first, ...second])).toEqual({
      reserved: UNITS,
      replayed: UNITS,
      insufficient_stock: 2 * (keys.length - UNITS),
    })
    await expectDrains(t.engine, "MUG", UNITS)
    await t.close()
  },
)
