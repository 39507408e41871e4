import { POSTGRES_STRATEGIES } from "../../index.ts"
import { engineContender, type Opened, reserveOneOfEach } from "../engine-contender.ts"
import { ONE_LEVEL, oneLevel } from "../one-level.ts"
import type { SizeName } from "../result.ts"
import type { Scenario } from "../scenario.ts"

const CALLERS: Readonly<Record<SizeName, number>> = { small: 32, quick: 256, full: 256 }

export const life: Scenario = {
  name: "life",
  title: "Whole life",
  question: "How many reservations a second can be made and then confirmed, or released, in turns?",
  counted: "reservations from begin to end",
  axis: null,
  contenders: [
    ...POSTGRES_STRATEGIES.toReversed().map((strategy) =>
      engineContender({ strategy, levels: ONE_LEVEL, ask: liveOnce }),
    ),
    oneLevel("batched-reserve-only"),
  ],
  loads(size) {
    const callers = CALLERS[size]
    return [{ loop: "closed", at: null, label: `${callers} callers, one level`, callers }]
  },
}

function liveOnce(opened: Opened): (caller: number) => Promise<void> {
  const { engine, units, again } = opened
  let lives = 0
  return async (caller) => {
    const id = await reserveOneOfEach(opened, [0], { customerId: `c-${caller}` })
    lives += 1
    if (lives % 2 === 0) {
      const { outcome } = await again.untilAnswered(() => engine.confirm(id, { reference: `order-${lives}` }))
      if (outcome !== "confirmed") throw new Error(`a confirm was answered ${outcome}`)
      units.confirm(0)
    } else {
      const { outcome } = await again.untilAnswered(() => engine.release(id))
      if (outcome !== "released") throw new Error(`a release was answered ${outcome}`)
      units.release(0)
    }
  }
}
