/** Where and what is measured. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { arch, cpus, platform, totalmem } from "node:os"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { BenchReport, Machine } from "./result.ts"

const run = promisify(execFile)

/** As far above `src/bench` as above `dist/bench`. */
const ROOT = new URL("../../", import.meta.url)

export function describeMachine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    node: process.version,
  }
}

export async function describeEarmark(): Promise<BenchReport["earmark"]> {
  const { version } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as { version: string }
  return { version, commit: await readCommit() }
}

/** Null in an installed package. A commit that does not have everything that ran says so. */
async function readCommit(): Promise<string | null> {
  const git = async (...words: string[]) =>
    (await run("git", words, { cwd: fileURLToPath(ROOT) })).stdout.trim()
  try {
    // Elsewhere it would be the commit of whoever has installed the package.
    if ((await git("rev-parse", "--show-prefix")) !== "") return null
    const changed = (await git("status", "--porcelain", "--", "src")) !== ""
    return `${await git("rev-parse", "--short", "HEAD")}${changed ? " with changes" : ""}`
  } catch {
    return null
  }
}
