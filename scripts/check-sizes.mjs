/** No file over the limit, wherever people read code; and the median, which should stay near 120. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { projectFiles, rootFromArguments } from "./project-files.mjs"

/** What can be read in one sitting. */
const LINES_MAX = 400
/** A check that looks at nothing is green for the wrong reason. */
const FILES_MIN = 1

const root = rootFromArguments()
const which = {
  folders: ["src", "tests", "bench", "scripts", "examples", "console"],
  endings: [".ts", ".tsx", ".css", ".mts", ".mjs", ".cjs", ".js", ".lua"],
}
const sizes = projectFiles(root, which).map((name) => ({ name, lines: countLines(name) }))
const tooLong = sizes.filter(({ lines }) => lines > LINES_MAX)
for (const { name, lines } of tooLong) console.error(`${name}: ${lines} lines, ${LINES_MAX} is the limit`)
if (sizes.length < FILES_MIN) console.error("sizes: no file was found")
if (tooLong.length > 0 || sizes.length < FILES_MIN) process.exit(1)

const ascending = sizes.map(({ lines }) => lines).sort((a, b) => a - b)
const median = ascending[Math.floor(ascending.length / 2)]
console.log(`sizes: ${sizes.length} files, median ${median} lines, longest ${ascending.at(-1)}`)

function countLines(name) {
  const text = readFileSync(join(root, name), "utf8")
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0)
}
