/**
 * Runs before the tests: they need a real Redis or Valkey, kcat, which plays a cluster of Kafka and reads it back, and a
 * browser; no package of npm brings them. What is not in the PATH is installed from Debian if we may; else this says what is needed.
 */
import { spawnSync } from "node:child_process"

const NEEDED = [
  {
    what: "redis-server (7.0 or newer) or valkey-server",
    programs: [
      ["redis-server", "--version"],
      ["valkey-server", "--version"],
    ],
    debian: ["redis-server"],
  },
  { what: "kcat (1.7 or newer)", programs: [["kcat", "-V"]], debian: ["kcat"] },
  {
    what: "chromium or google-chrome",
    programs: [
      ["chromium", "--version"],
      ["google-chrome", "--version"],
    ],
    // Without a font a page has no text to look at.
    debian: ["chromium", "fonts-dejavu-core"],
  },
]

const works = (program, ...words) => spawnSync(program, words, { stdio: "ignore" }).status === 0
const isMissing = ({ programs }) => !programs.some((words) => works(...words))

const missing = NEEDED.filter(isMissing)
if (missing.length > 0 && process.getuid?.() === 0 && works("apt-get", "--version")) {
  const packages = missing.flatMap(({ debian }) => debian)
  console.error(`earmark: installing ${packages.join(" and ")}, which the tests need`)
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }
  const apt = (...words) => spawnSync("apt-get", words, { stdio: ["ignore", 2, 2], env: environment })
  if (apt("install", "-y", "-q", "--no-install-recommends", ...packages).status !== 0) {
    apt("update", "-q")
    apt("install", "-y", "-q", "--no-install-recommends", ...packages)
  }
}
const stillMissing = missing.filter(isMissing)
for (const { what, debian } of stillMissing) {
  console.error(
    `earmark: the tests need ${what} in the PATH: install it, such as with: apt-get install ${debian.join(" ")}`,
  )
}
if (stillMissing.length > 0) process.exit(1)
