import type { SizeName } from "../result.ts"
import type { Contender, Load, Scenario } from "../scenario.ts"
import { closedLoad, shipped } from "./scenario.ts"

const CONNECTIONS = 64
/** Busy, with room to breathe: what a service may well see for hours. */
const OPEN_SHARE = 0.5
/** Of one round; five of them are the hour. Memory is told after each, so that their spread says how flat it is. */
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

/** The same, with rounds of the open loop that last. */
function lasting(contender: Contender): Contender {
  return {
    ...contender,
    async open(surroundings) {
      const subject = await contender.open(surroundings)
      const lastingSeconds = ROUND_SECONDS[surroundings.size]
      return {
        ...subject,
        measure: (load, seconds) => subject.measure(load, load.loop === "open" ? lastingSeconds : seconds),
      }
    },
  }
}
