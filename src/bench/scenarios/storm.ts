import { brokenCrowd, type Crowd, strategyCrowds } from "../crowd.ts"
import type { SizeName } from "../result.ts"
import type { Scenario } from "../scenario.ts"

/** A round is over when all are answered, or when its time is up: most strategies would need minutes for them. */
const STORMS: Readonly<Record<SizeName, Required<Crowd> & { readonly atOnce: number }>> = {
  small: { callers: 300, units: 20, atOnce: 32, tellCounts: true },
  quick: { callers: 50_000, units: 500, atOnce: 1024, tellCounts: true },
  full: { callers: 100_000, units: 500, atOnce: 1024, tellCounts: true },
}

const stormOf = ({ size }: { readonly size: SizeName }): Crowd => STORMS[size]

export const storm: Scenario = {
  name: "storm",
  title: "Sold-out storm",
  question: "When far more callers come than there are units, how fast is everybody told the truth?",
  counted: "answers",
  axis: null,
  contenders: [...strategyCrowds(stormOf), brokenCrowd(stormOf)],
  loads(size) {
    const { callers, units, atOnce } = STORMS[size]
    const label = `${callers.toLocaleString("en")} callers for ${units} units, ${atOnce} at a time`
    return [{ loop: "closed", at: null, label, callers: atOnce }]
  },
}
