/** What is published: JavaScript with declarations, and beside it the migrations and scripts that the code reads and the web pages. */
import { execFileSync } from "node:child_process"
import { chmodSync, cpSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildPages, PAGES } from "./pages.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"))
/** What the code reads at run time, beside it. */
const READ_AT_RUN_TIME = [join("postgres", "migrations"), join("redis", "scripts")]

rmSync(join(root, "dist"), { recursive: true, force: true })
// Standard output belongs to whoever packs: `npm pack --json` prints its own there.
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: ["ignore", 2, 2],
})
for (const folder of READ_AT_RUN_TIME) {
  cpSync(join(root, "src", folder), join(root, "dist", folder), { recursive: true })
}
await buildPages()
cpSync(join(root, PAGES), join(root, "dist", "pages"), { recursive: true })
chmodSync(join(root, "dist", "cli", "main.js"), 0o755)
