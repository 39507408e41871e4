import { engineContender, reserveOneOfEach } from "./engine-contender.ts"
import type { Contender } from "./scenario.ts"

export const ONE_LEVEL = { small: 1, quick: 1, full: 1 } as const

/** What the others of a scenario are compared with in the same run: reserving one unit of one level, over and over. */
export function oneLevel(name: string): Contender {
  return engineContender({
    name,
    strategy: "batched",
    levels: ONE_LEVEL,
    ask: (opened) => async (caller) => {
      await reserveOneOfEach(opened, [0], { customerId: `c-${caller}` })
    },
  })
}
