/** Builds the web pages of `console/` with Vite when they are missing, or not those of the sources that lie here now. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** Where they are built, from the root. */
export const PAGES = join("console", "dist")
/** What they are made of; the lockfile says which React and which Vite. */
const MADE_OF = ["console", "src/client", "src/protocol", "src/core", "package-lock.json"]
/** Beside them: the hash of what they were made of. */
const BUILT_FROM = join(PAGES, "built-from.txt")

const root = fileURLToPath(new URL("..", import.meta.url))

/** Says why when it has to build. */
export async function buildPages() {
  const wanted = hashOfSources()
  const built = read(BUILT_FROM)
  if (built === wanted) return
  console.error(
    `earmark: building the web pages (${built === null ? "there are none yet" : "their sources have changed"})`,
  )
  const startedMs = performance.now()
  // Until they are whole again nobody should take them for that.
  rmSync(join(root, BUILT_FROM), { force: true })
  const { build } = await import("vite")
  await build({ configFile: join(root, "console", "vite.config.ts"), logLevel: "warn" })
  writeFileSync(join(root, BUILT_FROM), wanted)
  console.error(`earmark: built them in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}

function hashOfSources() {
  const hash = createHash("sha256")
  for (const name of MADE_OF.flatMap(filesBelow))
    hash
      .update(name)
      .update("\0")
      .update(readFileSync(join(root, name)))
      .update("\0")
  return hash.digest("hex")
}

/** Not by asking git: whoever downloads an archive has none. */
function filesBelow(name) {
  if (statSync(join(root, name)).isFile()) return [name]
  const below = readdirSync(join(root, name), { recursive: true, withFileTypes: true })
  const files = below.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files
    .map((path) => path.slice(root.length))
    .filter((path) => !path.startsWith(PAGES))
    .sort()
}

function read(name) {
  const path = join(root, name)
  return existsSync(path) ? readFileSync(path, "utf8") : null
}
