import pc from "picocolors"
import { expect, test } from "vitest"
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./command.ts"
import { COMMANDS, runCli } from "./program.ts"

async function run(argv: readonly string[], environment: Record<string, string> = {}) {
  const printed: string[] = []
  const said: string[] = []
  const exitCode = await runCli(argv, {
    environment,
    print: (text) => printed.push(text),
    say: (text) => said.push(text),
    showProgress: () => {},
    isWatched: false,
    colors: pc.createColors(false),
    printColors: pc.createColors(false),
  })
  return { exitCode, printed: printed.join("\n"), said: said.join("\n") }
}

/** The whole of `docs/reference/cli.md`: a change of the help is a change of the docs. */
async function reference(): Promise<string> {
  const sections = ["# The command line", ""]
  sections.push(
    "What `--help` says; in a clone, `npm run --silent earmark -- <command>` runs a command. Data goes to",
  )
  sections.push(
    "standard output, everything for people to standard error. `npx vitest run src/cli -u` writes this file.",
    "",
  )
  for (const words of [[], ...COMMANDS.map(({ name }) => [name])]) {
    const { printed } = await run([...words, "--help"])
    sections.push(`## ${["earmark", ...words].join(" ")}`, "", "```", printed, "```", "")
  }
  return sections.join("\n")
}

test("docs/reference/cli.md is what --help says", async () => {
  await expect(await reference()).toMatchFileSnapshot("../../docs/reference/cli.md")
})

test("help and version are answers, on standard output", async () => {
  for (const argv of [["--help"], ["help", "start"], ["start", "--help"], ["--version"]]) {
    const { exitCode, printed, said } = await run(argv)
    expect([exitCode, said]).toEqual([EXIT_OK, ""])
    expect(printed).not.toBe("")
  }
  expect((await run(["--version"])).printed).toMatch(/^\d+\.\d+\.\d+$/)
})

test.each([
  [[], "Usage: earmark"],
  [["sell"], "unknown command 'sell'"],
  [["stat"], "Did you mean start?"],
  [["start", "--fast"], "unknown option '--fast'"],
  [["start", "now"], "too many arguments"],
])("wrong usage %j is 2, and said on standard error", async (argv, text) => {
  const { exitCode, printed, said } = await run(argv)
  expect([exitCode, printed]).toEqual([EXIT_USAGE, ""])
  expect(said).toContain(text)
})

test("a start error is one sentence without a stack", async () => {
  const { exitCode, printed, said } = await run(["serve"], { PORT: "x", EARMARK_PROT: "1" })
  expect([exitCode, printed]).toEqual([EXIT_FAILED, ""])
  expect(said).toMatch(/^earmark: 2 settings are wrong:\n {2}PORT=x: /)
  expect(said).not.toContain(" at ")
})

test("config prints every setting with value and source", async () => {
  const { exitCode, printed, said } = await run(["config"], {
    DATABASE_URL: "postgres://u:secret@h/d",
    PORT: "0",
  })
  expect([exitCode, said]).toEqual([EXIT_OK, ""])
  expect(printed).toMatch(/^DATABASE_URL +postgres:\/\/u:\*\*\*@h\/d +environment +Postgres 15 or newer/m)
  expect(printed).toMatch(/^PORT +0 +environment +where HTTP listens/m)
  expect(printed).toMatch(/^LOG_LEVEL +info +default +the least level that is logged/m)
  expect(printed).toMatch(/^EARMARK_DEMO +1 for start, else 0 +default +/m)
  expect(printed).not.toContain("secret")
})

test("config --json is JSON, and 1 when something is wrong", async () => {
  const { exitCode, printed, said } = await run(["config", "--json"], { PORT: "x" })
  expect([exitCode, said]).toEqual([EXIT_FAILED, ""])
  const { settings, problems } = JSON.parse(printed) as { settings: unknown[]; problems: string[] }
  expect(settings).toContainEqual(
    expect.objectContaining({ name: "PORT", value: "x", source: "environment" }),
  )
  expect(problems).toEqual(["PORT=x: expected a whole number from 0 to 65535"])
})

test("a worker without a loop has nothing to do", async () => {
  const { exitCode, said } = await run(["worker"], { EARMARK_SWEEP_INTERVAL_MS: "0" })
  expect([exitCode, said]).toEqual([
    EXIT_FAILED,
    "earmark: EARMARK_SWEEP_INTERVAL_MS is 0, which leaves a worker nothing to do",
  ])
})
