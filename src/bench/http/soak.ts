import type { SizeName } from "../result.ts"
import type { Contender, Load, Scenario } from "../scenario.ts"
import { closedLoad, shipped } from "./scenario.ts"

const CONNECTIONS = 64
/** Busy, with room to breathe: what a service may well see for hours. */
const OPEN_SHARE = 0.5
/** Of one round; five of them are the hour, and memory is looked at after each. */
const ROUND_SECONDS: Readonly<Record<SizeName, number>> = { small: 0.2, quick: 20, full: 720 }

export const soak: Scenario = {
  name: "soak",
  title: "An hour under load",
  question: "Does the memory of the service stay flat when it is busy for long?",
  counted: "reservations",
  axis: null,
  contenders: [lasting(shipped("batched"))],
  loads: (size): Load[] => [
    closedLoad(CONNECTIONS),
    {
      loop: "open",
      at: null,
      label: `${OPEN_SHARE * 100} % of its highest rate`,
      shareOfHighest: OPEN_SHARE,
      roundSeconds: ROUND_SECONDS[size],
    },
  ],
}

/** The same, with rounds of the open loop that last, and that tell what has been added since the first of them. */
function lasting(contender: Contender): Contender {
  return {
    ...contender,
    async open(surroundings) {
      const subject = await contender.open(surroundings)
      const lastingSeconds = ROUND_SECONDS[surroundings.size]
      let firstMiB: number | undefined
      return {
        ...subject,
        async measure(load, seconds) {
          if (load.loop === "closed") return subject.measure(load, seconds)
          const { figures, ...measured } = await subject.measure(load, lastingSeconds)
          const rssMiB = figures?.["rssMiB"] ?? Number.NaN
          firstMiB ??= rssMiB
          const told = { rssAddedMiB: rssMiB - firstMiB, lastedSeconds: measured.seconds }
          return { ...measured, figures: { ...figures, ...told } }
        },
      }
    },
  }
}
