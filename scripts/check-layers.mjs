/**
 * The layer rules of `.dependency-cruiser.cjs`. A cruise that reads no file passes every rule, as happens under a
 * TypeScript it does not know; so this fails too unless the cruise has seen every file.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { projectFiles, rootFromArguments } from "./project-files.mjs"

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024
const root = rootFromArguments()
const folders = ["src", "tests", "bench", "examples", "console"].filter((folder) =>
  existsSync(join(root, folder)),
)

const { modules, summary } = cruise()
const seen = new Set(modules.map((module) => module.source))
const unseen = projectFiles(root, { folders, endings: [".ts", ".mts", ".tsx"] }).filter(
  (name) => !seen.has(name),
)

for (const { rule, from, to, cycle } of summary.violations) {
  const path = cycle?.length > 0 ? [from, ...cycle.map(({ name }) => name)].join(" -> ") : `${from} -> ${to}`
  const { comment = "" } = summary.ruleSetUsed.forbidden.find(({ name }) => name === rule.name) ?? {}
  console.error(`${rule.name}: ${path}\n  ${comment}`)
}
for (const name of unseen) console.error(`not seen: ${name}`)
if (summary.violations.length + unseen.length > 0) {
  console.error(`layers: ${summary.violations.length} violations, ${unseen.length} files not seen`)
  process.exit(1)
}
console.log(`layers: ${seen.size} modules, ${summary.totalDependenciesCruised} imports, no violation`)

function cruise() {
  const program = fileURLToPath(
    new URL("../../bin/dependency-cruiser.mjs", import.meta.resolve("dependency-cruiser")),
  )
  const flags = [...folders, "--config", ".dependency-cruiser.cjs", "--output-type", "json"]
  const options = {
    cwd: root,
    encoding: "utf8",
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ["ignore", "pipe", "inherit"],
  }
  return JSON.parse(spawnSync(process.execPath, [program, ...flags], options).stdout)
}
