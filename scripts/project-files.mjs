/** Which files the checks look at: those that git knows or would add, and that are there. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

/**
 * Paths relative to the root, with forward slashes.
 * @param {string} root
 * @param {{ folders: readonly string[], endings: readonly string[] }} which
 */
export function projectFiles(root, { folders, endings }) {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...folders]
  const names = execFileSync("git", listing, { cwd: root, encoding: "utf8" }).split("\0")
  // A file deleted and not yet committed is still listed.
  const wanted = (name) => endings.some((ending) => name.endsWith(ending)) && existsSync(join(root, name))
  return names.filter(wanted).sort()
}

/** The folder that was named on the command line, or the one that the script was started in. */
export function rootFromArguments() {
  return process.argv[2] ?? process.cwd()
}
