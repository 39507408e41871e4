import { brokenCrowd, crowdSubject, strategyCrowds } from "../crowd.ts"
import { limit } from "../limit.ts"
import type { SizeName } from "../result.ts"
import type { Contender, Load, Scenario } from "../scenario.ts"
import { openEngineSeller } from "../seller.ts"
import { PLENTY } from "../units.ts"

const CALLERS: Readonly<Record<SizeName, readonly number[]>> = {
  small: [64],
  quick: [64, 256],
  full: [1, 16, 64, 256, 1024],
}
/** Where queueing has hardly begun, so that what is seen is the engine and not the crowd. */
const OPEN_SHARE = 0.2

const crowdOf = () => ({ units: PLENTY })

const keyed: Contender = {
  name: "batched-keyed",
  role: "strategy",
  open: async (surroundings) =>
    crowdSubject(await openEngineSeller(surroundings, "batched", { keyed: true }), crowdOf(), surroundings),
}

export const hot: Scenario = {
  name: "hot",
  title: "One hot stock level",
  question: "How fast is each strategy when everybody wants the same units, and there are enough of them?",
  counted: "reservations",
  axis: { name: "callers", scale: "log" },
  contenders: [...strategyCrowds(crowdOf), keyed, limit, brokenCrowd(crowdOf)],
  loads: (size): Load[] => [
    ...CALLERS[size].map(
      (callers): Load => ({ loop: "closed", at: callers, label: `${callers} callers`, callers }),
    ),
    {
      loop: "open",
      at: null,
      label: `${OPEN_SHARE * 100} % of its highest rate`,
      shareOfHighest: OPEN_SHARE,
    },
  ],
}
