import type { Scenario } from "./scenario.ts"
import type { ScenarioName } from "./scenario-names.ts"
import { baskets } from "./scenarios/baskets.ts"
import { flood } from "./scenarios/flood.ts"
import { growth } from "./scenarios/growth.ts"
import { hot } from "./scenarios/hot.ts"
import { life } from "./scenarios/life.ts"
import { storm } from "./scenarios/storm.ts"
import { wideUniform, wideZipf } from "./scenarios/wide.ts"

/** Loaded when it runs: one that needs a package of its own must not keep the others from running without it. */
const SCENARIOS: Readonly<Record<ScenarioName, () => Scenario | Promise<Scenario>>> = {
  hot: () => hot,
  storm: () => storm,
  "wide-uniform": () => wideUniform,
  "wide-zipf": () => wideZipf,
  baskets: () => baskets,
  life: () => life,
  flood: () => flood,
  growth: () => growth,
  http: async () => (await import("./http/scenario.ts")).http,
  redis: async () => (await import("./redis/scenario.ts")).redis,
  events: async () => (await import("./events/scenario.ts")).events,
  soak: async () => (await import("./http/soak.ts")).soak,
}

export function loadScenarios(names: readonly ScenarioName[]): Promise<Scenario[]> {
  return Promise.all(names.map((name) => SCENARIOS[name]()))
}
