/** A crowd of callers who all want units of one and the same level, a new one in every round. */
import { POSTGRES_STRATEGIES } from "../index.ts"
import { type Asking, applyLoad } from "./load/apply-load.ts"
import type { AppliedLoad, Contender, Measurement, Subject, Surroundings } from "./scenario.ts"
import { openEngineSeller, openSellerThatIsBroken, type Seller } from "./seller.ts"

export interface Crowd {
  readonly units: number
  /** Callers in all; as many as come in the time if this is not given. */
  readonly callers?: number
  /** Also tell how many callers were answered, and how many units were granted. */
  readonly tellCounts?: boolean
}

type CrowdOf = (surroundings: Surroundings) => Crowd

/** Every strategy that can be selected. */
export function strategyCrowds(crowdOf: CrowdOf): Contender[] {
  return POSTGRES_STRATEGIES.toReversed().map((strategy) => ({
    name: strategy,
    role: "strategy",
    open: async (surroundings) =>
      crowdSubject(await openEngineSeller(surroundings, strategy), crowdOf(surroundings), surroundings),
  }))
}

/** The control: what it oversells shows that overselling would be seen. */
export function brokenCrowd(crowdOf: CrowdOf): Contender {
  return {
    name: "broken",
    role: "broken",
    // Its rate is not the point, and its latency even less.
    takes: ({ loop }) => loop === "closed",
    open: async (surroundings) =>
      crowdSubject(await openSellerThatIsBroken(surroundings), crowdOf(surroundings), surroundings),
  }
}

export function crowdSubject(seller: Seller, crowd: Crowd, { stopping, server }: Surroundings): Subject {
  let round = 0
  return {
    measure(load, seconds) {
      round += 1
      return sellTo(
        seller,
        { ...crowd, sku: `ROUND-${round}` },
        {
          ...{ load, seconds, stopping },
          loaded: () => server.profile?.stop(),
        },
      )
    },
    close: () => seller.close(),
  }
}

interface Putting extends Pick<Asking, "seconds" | "stopping"> {
  readonly load: AppliedLoad
  /** Called when the load is over, before units are counted. */
  readonly loaded: () => Promise<void> | undefined
}

async function sellTo(
  seller: Seller,
  { sku, units, callers, tellCounts = false }: Crowd & { readonly sku: string },
  { load, loaded, ...bounds }: Putting,
): Promise<Measurement> {
  await seller.supply(sku, units)
  let granted = 0
  let refused = 0
  const ask = async (caller: number) => {
    if (await seller.ask(sku, caller)) granted += 1
    else refused += 1
  }
  const timed = await applyLoad(load, { ...bounds, asksMax: callers, ask })
  await loaded()
  const counted = await seller.count(sku, { supplied: units, granted, refused })
  const counts = tellCounts ? { callersAnswered: granted + refused, unitsGranted: granted } : {}
  return { ...timed, ...counted, figures: { ...counts, ...seller.takeFigures() } }
}
