/** Small projects in temporary folders, for the repository's checks to look at. */
import { spawnSync } from "node:child_process"
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

export type Files = Readonly<Record<string, string>>

/** @returns the folder of a git repository with these files, and with our configuration and packages */
export async function makeProject(files: Files, configuration: readonly string[] = []): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "earmark-repo-"))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  for (const name of configuration) await copyFile(join(ROOT, name), join(root, name))
  await writeFile(join(root, ".gitignore"), "node_modules\n")
  await symlink(join(ROOT, "node_modules"), join(root, "node_modules"))
  spawnSync("git", ["init", "--quiet"], { cwd: root })
  return root
}

export interface Checked {
  readonly exitCode: number | null
  readonly output: string
}

export function check(script: string, root: string): Checked {
  const program = join(ROOT, "scripts", script)
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, root], {
    cwd: root,
    encoding: "utf8",
  })
  return { exitCode: status, output: stdout + stderr }
}
