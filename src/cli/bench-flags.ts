/** The flags of `earmark bench`, parsed. */
import { type BenchOptions, completeOptions } from "../bench/bench-options.ts"
import { EXPECT_EXAMPLES, type Expectation, parseExpectation } from "../bench/expect.ts"
import { SIZES, type SizeName } from "../bench/result.ts"
import { SCENARIO_NAMES } from "../bench/scenario-names.ts"
import { type CommandOption, type CommandOptions, UsageError } from "./command.ts"

export interface BenchFlags extends CommandOptions {
  readonly size?: SizeName
  readonly rounds?: number
  readonly seconds?: number
  readonly contenders?: readonly string[]
  readonly poolSize?: number
  readonly profile?: boolean
  readonly expect?: readonly Expectation[]
  readonly out?: string
}

export const BENCH_FLAGS: readonly CommandOption[] = [
  {
    flags: "--size <name>",
    description: "small, quick or full (default: quick)",
    parse: (text) => oneOf("--size", text, SIZES),
  },
  {
    flags: "--rounds <n>",
    description: "measured rounds of everything",
    parse: (text) => count("--rounds", text),
  },
  { flags: "--seconds <n>", description: "seconds of one round", parse: seconds },
  {
    flags: "--contenders <names>",
    description: "only these, with commas between",
    parse: (text) => text.split(",").map((name) => name.trim()),
  },
  {
    flags: "--pool-size <n>",
    description: "connections of each contender (default: 4)",
    parse: (text) => count("--pool-size", text),
  },
  {
    flags: "--profile",
    description: "time Postgres' statements as well, which costs some of the rate (pg_stat_statements)",
  },
  {
    flags: "--expect <ratio>",
    description: `fail unless it holds of the highest rates: ${EXPECT_EXAMPLES}; may be given several times`,
    parse: (text, before) => [...((before as Expectation[] | undefined) ?? []), expectation(text)],
  },
  { flags: "--out <folder>", description: "write report.json and report.html into the folder" },
]

export function optionsOf(flags: BenchFlags, scenarios: readonly string[]): BenchOptions {
  const named = scenarios.map((name) => oneOf("scenario", name, SCENARIO_NAMES))
  return completeOptions({
    ...flags,
    // Each once, in the order in which they run in any case.
    scenarios: named.length > 0 ? SCENARIO_NAMES.filter((name) => named.includes(name)) : undefined,
    expectations: flags.expect,
  })
}

/** A round must be long enough that more than its beginning is seen. */
const SECONDS_MIN = 0.1
/** What a whole number can be here without being a slip. */
const COUNT_MAX = 1000

function oneOf<const T extends string>(what: string, text: string, values: readonly T[]): T {
  const value = values.find((candidate) => candidate === text)
  if (value !== undefined) return value
  throw new UsageError(`${what} ${text}: expected one of ${values.join(", ")}`)
}

function count(flag: string, text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= COUNT_MAX) return value
  throw new UsageError(`${flag} ${text}: expected a whole number from 1 to ${COUNT_MAX}`)
}

function seconds(text: string): number {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value >= SECONDS_MIN && value <= COUNT_MAX) return value
  throw new UsageError(`--seconds ${text}: expected a number from ${SECONDS_MIN} to ${COUNT_MAX}`)
}

function expectation(text: string): Expectation {
  const parsed = parseExpectation(text)
  if (parsed !== null) return parsed
  throw new UsageError(`--expect ${text}: expected a ratio of rates, such as ${EXPECT_EXAMPLES}`)
}
