import { POSTGRES_STRATEGIES } from "../../index.ts"
import { engineContender, reserveOneOfEach } from "../engine-contender.ts"
import { oneLevel } from "../one-level.ts"
import { chooseByZipf, chooseDistinct, createRandom } from "../random.ts"
import type { SizeName } from "../result.ts"
import type { Scenario } from "../scenario.ts"

const LEVELS: Readonly<Record<SizeName, number>> = { small: 100, quick: 1000, full: 1000 }
const CALLERS: Readonly<Record<SizeName, number>> = { small: 32, quick: 1024, full: 1024 }
const LINES = 3
const SEED = 1

const ofBaskets = POSTGRES_STRATEGIES.toReversed().map((strategy) =>
  engineContender({
    strategy,
    levels: LEVELS,
    ask(opened) {
      const choose = chooseByZipf(opened.units.skus.length, createRandom(SEED))
      return async (caller) => {
        await reserveOneOfEach(opened, chooseDistinct(choose, LINES), { customerId: `c-${caller}` })
      }
    },
    figures: (perSecond) => ({ linesPerSecond: perSecond * LINES }),
  }),
)

export const baskets: Scenario = {
  name: "baskets",
  title: "Baskets of three",
  question: "What does it cost that a basket is all or nothing, when popular items are in many of them?",
  counted: "reservations",
  axis: null,
  contenders: [...ofBaskets, oneLevel("batched-one-level")],
  loads(size) {
    const callers = CALLERS[size]
    const label = `${callers} callers, ${LINES} of ${LEVELS[size].toLocaleString("en")} skus by Zipf`
    return [{ loop: "closed", at: null, label, callers }]
  },
}
