/** What is published: JavaScript with declarations, and the migrations beside the code that applies them. */
import { execFileSync } from "node:child_process"
import { chmodSync, cpSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"))
const migrations = join("postgres", "migrations")

rmSync(join(root, "dist"), { recursive: true, force: true })
// Standard output belongs to whoever packs: `npm pack --json` prints its own there.
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: ["ignore", 2, 2],
})
cpSync(join(root, "src", migrations), join(root, "dist", migrations), { recursive: true })
chmodSync(join(root, "dist", "cli", "main.js"), 0o755)
