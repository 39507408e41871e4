import { POSTGRES_STRATEGIES } from "../../index.ts"
import { engineContender, reserveOneOfEach } from "../engine-contender.ts"
import { oneLevel } from "../one-level.ts"
import { type Choice, chooseByZipf, chooseUniformly, createRandom, type Random } from "../random.ts"
import type { SizeName } from "../result.ts"
import type { Scenario } from "../scenario.ts"

const LEVELS: Readonly<Record<SizeName, number>> = { small: 200, quick: 10_000, full: 10_000 }
const CALLERS: Readonly<Record<SizeName, number>> = { small: 32, quick: 1024, full: 1024 }
const SEED = 1

export const wideUniform = wide({
  name: "wide-uniform",
  title: "Wide catalogue, uniform",
  question:
    "How much of the rate of one level is left when requests are spread evenly over a wide catalogue?",
  chooseFrom: chooseUniformly,
})

export const wideZipf = wide({
  name: "wide-zipf",
  title: "Wide catalogue, Zipf",
  question: "How much is left when some items of a wide catalogue are wanted far more often than others?",
  chooseFrom: chooseByZipf,
})

interface Wide extends Pick<Scenario, "name" | "title" | "question"> {
  readonly chooseFrom: (count: number, random: Random) => Choice
}

function wide({ chooseFrom, ...named }: Wide): Scenario {
  const spread = POSTGRES_STRATEGIES.toReversed().map((strategy) =>
    engineContender({
      strategy,
      levels: LEVELS,
      ask(opened) {
        const choose = chooseFrom(opened.units.skus.length, createRandom(SEED))
        return async (caller) => {
          await reserveOneOfEach(opened, [choose()], { customerId: `c-${caller}` })
        }
      },
    }),
  )
  return {
    ...named,
    counted: "reservations",
    axis: null,
    contenders: [...spread, oneLevel("batched-one-level")],
    loads(size) {
      const callers = CALLERS[size]
      const label = `${callers} callers, ${LEVELS[size].toLocaleString("en")} levels`
      return [{ loop: "closed", at: null, label, callers }]
    },
  }
}
