/** Builds the web pages of `console/` with Vite when they are missing, or not those of the sources that lie here now. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

/** Where they are built, from the root. */
export const PAGES = join("console", "dist")
/** What they are made of; the lockfile says which React and which Vite. */
const MADE_OF = ["console", "src/client", "src/protocol", "src/core", "package-lock.json"]
/** Beside them: the hash of what they were made of. */
const BUILT_FROM = join(PAGES, "built-from.txt")

const CLONE = fileURLToPath(new URL("..", import.meta.url))

/** Says why when it has to build. */
export async function buildPages(root = CLONE) {
  const wanted = hashOfSources(root)
  const built = read(join(root, BUILT_FROM))
  if (built === wanted) return
  console.error(
    `earmark: building the web pages (${built === null ? "there are none yet" : "their sources have changed"})`,
  )
  const startedMs = performance.now()
  // Until they are whole again nobody should take them for that.
  rmSync(join(root, BUILT_FROM), { force: true })
  // Whatever this shell is for, people are not served React's development build.
  process.env.NODE_ENV = "production"
  const { build } = await import("vite")
  await build({ configFile: join(root, "console", "vite.config.ts"), logLevel: "warn" })
  writeFileSync(join(root, BUILT_FROM), wanted)
  console.error(`earmark: built them in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}

function hashOfSources(root) {
  const hash = createHash("sha256")
  for (const name of MADE_OF.flatMap((name) => filesBelow(root, name)))
    hash
      .update(name)
      .update("\0")
      .update(readFileSync(join(root, name)))
      .update("\0")
  return hash.digest("hex")
}

/** Not by asking git: whoever downloads an archive has none. */
function filesBelow(root, name) {
  if (statSync(join(root, name)).isFile()) return [name]
  const below = readdirSync(join(root, name), { recursive: true, withFileTypes: true })
  const files = below.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files
    .map((path) => relative(root, path))
    .filter((path) => !path.startsWith(PAGES))
    .sort()
}

function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : null
}
