/**
 * Runs before every npm script that needs the packages: installs them when they are missing or not those of
 * package-lock.json, and else does nothing, fast. It must run on Node 20, which is what starts it on a machine where
 * nothing is installed yet; the packages then bring the Node 24 that everything else runs on.
 */
import { execSync, spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

const NODE_MAJOR_MIN = 24
const root = process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url))

const missing = firstMissing()
if (missing !== null) {
  console.error(`earmark: installing the packages (${missing})`)
  install()
}
if (majorOf(process.version) < NODE_MAJOR_MIN && majorOf(versionInScripts()) < NODE_MAJOR_MIN) {
  fail(
    `Node ${NODE_MAJOR_MIN} or newer is needed, this is ${process.version}, and none came with the packages ` +
      "for this platform: install it from https://nodejs.org, then run this again.",
  )
}

/** What makes the installation incomplete, or null. Npm writes its own lockfile once everything is in place. */
function firstMissing() {
  const wanted = readLock("package-lock.json")
  const installed = readLock("node_modules/.package-lock.json")
  if (wanted === null) fail("package-lock.json is missing: this is not a whole clone.")
  if (installed === null) return "there are none yet"
  for (const [path, entry] of Object.entries(wanted)) {
    const found = installed[path]
    if (path.startsWith("node_modules/")) {
      // Npm leaves out what is not for this platform, and goes on without an optional package that it cannot get.
      if (found === undefined && (entry.optional || entry.devOptional)) continue
      if (found === undefined || !existsSync(join(root, path))) return `${path} is missing`
      if (found.version !== entry.version)
        return `${path} is ${found.version}, and ${entry.version} is wanted`
    } else if (path !== "" && JSON.stringify(found) !== JSON.stringify(entry)) {
      return `the workspace ${path} needs other ones now`
    }
  }
  return null
}

function readLock(name) {
  const path = join(root, name)
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : null
}

/** Standard output belongs to the script that comes after. */
function install() {
  const npm = process.env.npm_execpath
  // Its warnings are about the Node that starts this, which is not the Node that will run anything.
  const flags = ["ci", "--no-audit", "--no-fund", "--loglevel=error"]
  const options = { cwd: root, stdio: ["ignore", 2, 2] }
  const { status } = npm?.endsWith("js")
    ? spawnSync(process.execPath, [npm, ...flags], options)
    : spawnSync("npm", flags, { ...options, shell: process.platform === "win32" })
  if (status !== 0) fail("npm ci failed, see above; nothing was started.")
}

/** The Node that npm's scripts find, which looks into node_modules/.bin first. */
function versionInScripts() {
  const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter)
  return execSync("node --version", { encoding: "utf8", env: { ...process.env, PATH: path } }).trim()
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0)
}

function fail(sentence) {
  console.error(`earmark: ${sentence}`)
  process.exit(1)
}
