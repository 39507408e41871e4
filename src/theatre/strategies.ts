/** How each strategy is announced. */
import { SALE_STRATEGIES, type SaleStrategy } from "../core/sales.ts"
import type { StagedStrategy } from "../engine/theatre.ts"

const ANNOUNCED: Record<SaleStrategy, Omit<StagedStrategy, "name">> = {
  batched: {
    title: "Batched",
    description: "Many requests share one transaction, which locks the stock once for all of them.",
    isBroken: false,
  },
  "row-lock": {
    title: "Row lock",
    description: "Each request locks the stock while it decides; the others wait.",
    isBroken: false,
  },
  optimistic: {
    title: "Optimistic",
    description:
      "Nobody waits: what was read is compared when it is written, and whoever came too late runs again.",
    isBroken: false,
  },
  "atomic-update": {
    title: "Atomic update",
    description: "The one statement that takes the unit looks whether there is one.",
    isBroken: false,
  },
  broken: {
    title: "Broken on purpose",
    description:
      "Reads how many there are, decides, and writes back what is left, as it is often written. Two who read the same number " +
      "both get the unit.",
    isBroken: true,
  },
}

export const STAGED_STRATEGIES: readonly StagedStrategy[] = SALE_STRATEGIES.map((name) => ({
  name,
  ...ANNOUNCED[name],
}))
