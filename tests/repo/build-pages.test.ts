/** `scripts/build-pages.mjs` on a copy of the pages' sources: it builds when it must, says why, and else does nothing. */
import { spawnSync } from "node:child_process"
import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const PROGRAM = join(ROOT, "scripts/build-pages.mjs")
const COPIED = ["console", "src/client", "src/protocol", "src/core", "tsconfig.json", "package-lock.json"]

function buildPages(root: string): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [PROGRAM, root], { encoding: "utf8" })
}

test("pages are built when there are none and when their sources have changed, and only then", async () => {
  const root = await mkdtemp(join(tmpdir(), "earmark-pages-"))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const filter = (path: string) => !path.startsWith(join(ROOT, "console/dist"))
  for (const name of COPIED) await cp(join(ROOT, name), join(root, name), { recursive: true, filter })
  await symlink(join(ROOT, "node_modules"), join(root, "node_modules"))

  const first = buildPages(root)
  expect(first.stderr).toMatch(
    /^earmark: building the web pages \(there are none yet\)\nearmark: built them in [\d.]+ s\n$/,
  )
  expect(first.status).toBe(0)
  const page = join(root, "console/dist/index.html")
  expect(await readFile(page, "utf8")).toContain("/assets/index-")

  expect(buildPages(root)).toMatchObject({ status: 0, stderr: "" })

  await appendFile(join(root, "console/index.html"), "<!-- newer -->")
  expect(buildPages(root).stderr).toContain("(their sources have changed)")
  expect(await readFile(page, "utf8")).toContain("newer")

  // A build that fails is tried again, and not taken for one that is there.
  await writeFile(join(root, "console/src/main.tsx"), "const = 1")
  expect(buildPages(root).status).not.toBe(0)
  expect(buildPages(root)).toMatchObject({ status: 1, stderr: expect.stringContaining("there are none yet") })
})
