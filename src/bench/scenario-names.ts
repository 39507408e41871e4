/** In the order in which they run. */
export const SCENARIO_NAMES = [
  "hot",
  "storm",
  "wide-uniform",
  "wide-zipf",
  "baskets",
  "life",
  "flood",
  "growth",
  "http",
  "redis",
  "events",
  "soak",
] as const

export type ScenarioName = (typeof SCENARIO_NAMES)[number]
