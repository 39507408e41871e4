/** The glossary's guard: words that say nothing, other words for what has a name, and what must not be left behind. */
import { readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { projectFiles, rootFromArguments } from "./project-files.mjs"

const FORBIDDEN = [
  { pattern: /\b\w*utils?\b/i, why: "say what it does" },
  { pattern: /\b\w*helpers?\b/i, why: "say what it does" },
  { pattern: /\b\w*manager\b/i, why: "say what it does" },
  { pattern: /\b(?:misc|stuff|foo|bar|baz)\b/i, why: "say what it is" },
  { pattern: /\b(?:product|variant|article)_?ids?\b/i, why: "the glossary says item and sku" },
  { pattern: /\b(?:warehouse|store|depot)_?(?:id|code)s?\b/i, why: "the glossary says location" },
  { pattern: /\b(?:booking|allotment|order)_?ids?\b/i, why: "the glossary says reservation, hold and line" },
  { pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/, why: "do it, or write an issue" },
  { pattern: /\b(?:it|test|describe|suite|bench)\.only\b/, why: "it keeps the other tests from running" },
  {
    pattern: /\.(?:skip|todo|fails)\(/,
    why: "a test that does not run proves nothing; skip with a reason at run time",
  },
  { pattern: /\bdebugger\b/, why: "it stops whoever runs it" },
  { pattern: /\bprocess\.env\b/, why: "only src/cli/main.ts reads the environment, for src/config" },
]

/** What is right all the same, and why. */
const ALLOWED = [
  { file: /./, text: /node:util\b/, why: "the name of Node's own module" },
  {
    file: /^src\/cli\/main\.ts$/,
    text: /environment: process\.env/,
    why: "the one place that reads the environment",
  },
  {
    file: /^src\/postgres\/private\//,
    text: /env: \{ \.\.\.process\.env/,
    why: "handed on to a child process",
  },
  {
    file: /^src\/bench\/http\/environment\.ts$/,
    text: /\.\.\.process\.env/,
    why: "handed on to a child process",
  },
  { file: /^examples\//, text: /process\.env/, why: "programs of their own, not part of the service" },
  { file: /^(?:tests|bench)\/|\.test\.ts$/, text: /process\.env/, why: "tests start processes" },
]

const FOLDERS = ["src", "tests", "bench", "examples", "console"]
const ENDINGS = [".ts", ".tsx", ".css", ".mts", ".mjs", ".sql", ".lua"]
/** This one names the words to forbid them. */
const SELF_TEST = "tests/repo/checks.test.ts"

const root = rootFromArguments()
const names = projectFiles(root, { folders: FOLDERS, endings: ENDINGS }).filter((name) => name !== SELF_TEST)
const findings = names.flatMap((name) => [...inName(name), ...inText(name)])
for (const finding of findings) console.error(finding)
if (names.length === 0) console.error("words: no file was found")
if (findings.length > 0 || names.length === 0) process.exit(1)
console.log(`words: ${names.length} files, nothing forbidden`)

function inName(name) {
  const words = basename(name).replace(/[-.]/g, " ")
  return FORBIDDEN.filter(({ pattern }) => pattern.test(words)).map(
    ({ why }) => `${name}: the file's name: ${why}`,
  )
}

function inText(name) {
  const lines = readFileSync(join(root, name), "utf8").split("\n")
  return lines.flatMap((line, index) => {
    const allowed = ALLOWED.filter(({ file, text }) => file.test(name) && text.test(line))
    const rest = allowed.reduce((left, { text }) => left.replace(text, ""), line)
    return FORBIDDEN.filter(({ pattern }) => pattern.test(rest)).map(
      ({ pattern, why }) => `${name}:${index + 1}: "${pattern.exec(rest)?.[0]}": ${why}`,
    )
  })
}
