/**
 * `node scripts/bench-docs.mjs [--check] [root]`: fills the parts of the pages that are made from a committed report
 * (src/bench/report/docs.ts), and draws their plots into docs/plots/. With --check nothing is written, and the exit code
 * is 1 when something would have been.
 */
import { existsSync, readdirSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join, sep } from "node:path"
import { PLOTS_FOLDER, parseReport, renderDocs } from "../src/bench/report/docs.ts"

const PAGES = ["README.md", "docs/performance.md"]

const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"))
const [root = process.cwd()] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
if (options.some((option) => option !== "--check")) {
  console.error("usage: node scripts/bench-docs.mjs [--check] [root]")
  process.exit(2)
}

const pages = await Promise.all(PAGES.map(async (path) => ({ path, text: await read(path) })))
const wanted = await renderDocs(pages, async (name) =>
  parseReport(await read(`bench/results/${name}/report.json`)),
)
const changed = []
for (const page of wanted) if ((await read(page.path).catch(() => null)) !== page.text) changed.push(page)
const stale = listPlots().filter((path) => !wanted.some((page) => page.path === path))

if (options.includes("--check")) {
  for (const { path } of changed) console.error(`${path}: does not say what its report says`)
  for (const path of stale) console.error(`${path}: no page shows it`)
  // A check that looks at nothing is green for the wrong reason.
  if (wanted.length === pages.length) console.error("bench-docs: no page shows a plot of a report")
  if (changed.length + stale.length > 0 || wanted.length === pages.length) {
    console.error("bench-docs: run node scripts/bench-docs.mjs")
    process.exit(1)
  }
} else {
  for (const { path, text } of changed) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  for (const path of stale) await rm(join(root, path))
}
console.log(
  `bench-docs: ${pages.length} pages, ${wanted.length - pages.length} plots, ${changed.length} changed`,
)

function read(path) {
  return readFile(join(root, path), "utf8")
}

function listPlots() {
  const folder = join(root, PLOTS_FOLDER)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll(sep, "/"),
    )
}
