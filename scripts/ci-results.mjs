/**
 * What CI says of a test run: fails unless something ran, nothing failed and nothing was left out without a reason.
 * `node scripts/ci-results.mjs <vitest's json report> <vitest's exit code> <steps that failed before>`; the last line
 * is `N passed, M failed`.
 */
import { existsSync, readFileSync } from "node:fs"

/** What a test that was left out has to say in its name: why this machine cannot run it, or nobody can. */
const REASONS = [
  /\bdeclared exception: \S/,
  /\bonly as root\b/,
  /\bonly as an unprivileged user\b/,
  /\bonly on (?:Linux|macOS|Windows)\b/,
]

const [, , path = "", exitCode = "1", stepsFailed = "0"] = process.argv
const report = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { testResults: [] }
const files = report.testResults
const tests = files.flatMap((file) => file.assertionResults)

const passed = tests.filter(({ status }) => status === "passed")
const failed = tests.filter(({ status }) => status === "failed")
const leftOut = tests.filter(({ status }) => status !== "passed" && status !== "failed")
const unexplained = leftOut.filter(({ fullName }) => !REASONS.some((reason) => reason.test(fullName)))
// A file that cannot even be loaded has no test that could fail.
const broken = files.filter((file) => file.status === "failed" && !file.assertionResults.some(isFailed))

for (const { fullName } of failed) console.log(`failed: ${fullName}`)
for (const { name, message } of broken) console.log(`failed: ${name}: ${message}`)
for (const { fullName } of leftOut) console.log(`left out: ${fullName}`)
for (const { fullName } of unexplained)
  console.log(`failed: left out without a reason in its name: ${fullName}`)

let failures = failed.length + broken.length + unexplained.length
if (failures === 0 && (passed.length === 0 || exitCode !== "0")) {
  console.log(
    passed.length === 0 ? "failed: no test has run" : "failed: an error outside the tests, see above",
  )
  failures = 1
}
failures += Number(stepsFailed)
console.log(`${passed.length} passed, ${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1

function isFailed({ status }) {
  return status === "failed"
}
