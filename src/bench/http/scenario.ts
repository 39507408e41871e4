import type { StrategyName } from "../../index.ts"
import type { SizeName } from "../result.ts"
import type { ClosedLoad, Contender, Load, Scenario, Surroundings } from "../scenario.ts"
import { startListening } from "./listening-process.ts"
import { programPath } from "./program-path.ts"
import { startService } from "./service.ts"
import { countUnits, stockUp } from "./stock.ts"
import { openSubject, type Service } from "./subject.ts"

const CONNECTIONS: Readonly<Record<SizeName, readonly number[]>> = {
  small: [16],
  quick: [64, 256],
  full: [64, 256],
}
/** Where queueing has hardly begun, so that what is seen is the service and not the crowd. */
const OPEN_SHARE = 0.2

/** A fresh process takes twice as long over a request, until it has compiled what it does most. */
const WARM_UP_SECONDS: Readonly<Record<SizeName, number>> = { small: 0, quick: 4, full: 8 }
const START_SECONDS = 2

export const http: Scenario = {
  name: "http",
  title: "Over HTTP",
  question: "What is left when validation, logs and metrics take part as shipped?",
  counted: "reservations",
  axis: { name: "connections", scale: "log" },
  contenders: [shipped("batched"), shipped("atomic-update"), bareFastify()],
  loads: (size): Load[] => [
    ...CONNECTIONS[size].map(closedLoad),
    {
      loop: "open",
      at: null,
      label: `${OPEN_SHARE * 100} % of its highest rate`,
      shareOfHighest: OPEN_SHARE,
    },
  ],
}

export function closedLoad(connections: number): ClosedLoad {
  return { loop: "closed", at: connections, label: `${connections} connections`, callers: connections }
}

/** Earmark as it ships. */
export function shipped(strategy: StrategyName): Contender {
  return contender(strategy, "strategy", ({ server }) => ({
    start: () => startService(server, strategy),
    supply: stockUp,
    count: countUnits,
  }))
}

/** Knows nothing of stock: what is asked for is any text of the usual length. */
function bareFastify(): Contender {
  return contender("bare-fastify", "limit", () => ({
    start: () => startListening({ path: programPath("./bare-fastify") }),
    supply: async () => "ITEM-0123abcd",
    count: async () => ({ oversold: 0, leaked: 0 }),
  }))
}

function contender(
  name: string,
  role: Contender["role"],
  serviceIn: (surroundings: Surroundings) => Service,
): Contender {
  const openSeconds = (size: SizeName) => START_SECONDS + WARM_UP_SECONDS[size]
  return {
    name,
    role,
    isElsewhere: true,
    openSeconds: { small: openSeconds("small"), quick: openSeconds("quick"), full: openSeconds("full") },
    open(surroundings) {
      const seconds = WARM_UP_SECONDS[surroundings.size]
      const load = closedLoad(Math.max(...CONNECTIONS[surroundings.size]))
      return openSubject(serviceIn(surroundings), seconds === 0 ? null : { load, seconds })
    },
  }
}
