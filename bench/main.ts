/** `npm run bench -- --quick`. Results go to stdout, progress to stderr. */
import { cpus } from "node:os"
import { Command, InvalidArgumentError } from "commander"
import { type QuickResult, runQuick } from "./quick.ts"
import { openServer } from "./server.ts"

const program = new Command("bench")
  .description("Compares the strategies on one hot stock level: full record, durable, units counted.")
  .option(
    "--quick",
    "one hot level, every strategy, in under a minute (the default and so far the only size)",
    true,
  )
  .option("--rounds <n>", "measured rounds of each strategy", wholeNumber, 3)
  .option("--seconds <n>", "seconds of one round", wholeNumber, 2)
  .option("--callers <n>", "callers that ask at the same time", wholeNumber, 256)
  .option("--pool-size <n>", "connections of each strategy", wholeNumber, 4)
  .option("--json", "print the result as JSON", false)
  .addHelpText(
    "after",
    `
Examples:
  npm run bench -- --quick                  a private Postgres in a temporary folder
  DATABASE_URL=postgres://... npm run bench  a server of yours, in schemas of its own that are dropped afterwards
  npm run --silent bench -- --json > result.json

Exit code: 0 when no strategy oversold or leaked a unit, 1 when one did, 2 for wrong usage.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()

const options = program.opts<{
  rounds: number
  seconds: number
  callers: number
  poolSize: number
  json: boolean
}>()

const server = await openServer()
try {
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.version}`
  const results = await runQuick(server, { ...options, progress })
  if (options.json)
    console.log(JSON.stringify({ machine, server: server.description, options, results }, null, 2))
  else print(results, machine)
  if (results.some(({ oversold, leaked }) => oversold + leaked > 0)) process.exitCode = 1
} finally {
  await server.stop()
}

function progress(done: number, all: number, next: string): void {
  process.stderr.write(`[${done}/${all}] ${next}\n`)
}

function print(results: readonly QuickResult[], machine: string): void {
  const baseline = results.find(({ strategy }) => strategy === "atomic-update")?.rate ?? Number.NaN
  console.log(
    `${machine}\nPostgres: ${server.description}\n${options.callers} callers, ${options.poolSize} connections`,
  )
  console.table(
    Object.fromEntries(
      results.map((result) => [
        result.strategy,
        {
          "reservations/s": Math.round(result.rate),
          spread: `${Math.round(result.rateMin)} to ${Math.round(result.rateMax)}`,
          "of atomic-update": `${(result.rate / baseline).toFixed(1)} x`,
          "p50 ms": result.p50Ms.toFixed(1),
          "p99 ms": result.p99Ms.toFixed(1),
          "alone p50 ms": result.aloneP50Ms.toFixed(2),
          oversold: result.oversold,
          leaked: result.leaked,
        },
      ]),
    ),
  )
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("expected a whole number from 1")
  return value
}
