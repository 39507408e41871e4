/** The cases that a strategy cannot meet, each with its reason. A case that is not listed here runs for all of them. */
import type { StrategyName } from "../../src/index.ts"

export interface Exception {
  readonly strategy: StrategyName
  readonly topic: string
  /** The name of the case. */
  readonly name: string
  readonly reason: string
}

export const EXCEPTIONS: readonly Exception[] = []
