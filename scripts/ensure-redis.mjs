/**
 * Runs before the tests: they need a real Redis or Valkey, which no package brings. Where none is in the PATH, Debian's is
 * installed if we may; else this says what is needed.
 */
import { spawnSync } from "node:child_process"

const PROGRAMS = ["redis-server", "valkey-server"]
const works = (program, ...words) => spawnSync(program, words, { stdio: "ignore" }).status === 0
const isThere = () => PROGRAMS.some((program) => works(program, "--version"))

if (!isThere() && process.getuid?.() === 0 && works("apt-get", "--version")) {
  console.error("earmark: installing redis-server, which the tests need")
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }
  const apt = (...words) => spawnSync("apt-get", words, { stdio: ["ignore", 2, 2], env: environment })
  if (apt("install", "-y", "-q", "--no-install-recommends", "redis-server").status !== 0) {
    apt("update", "-q")
    apt("install", "-y", "-q", "--no-install-recommends", "redis-server")
  }
}
if (!isThere()) {
  console.error(
    "earmark: the tests need redis-server (7.0 or newer) or valkey-server in the PATH: " +
      "install it, such as with: apt-get install redis-server",
  )
  process.exit(1)
}
