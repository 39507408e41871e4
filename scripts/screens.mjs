/**
 * Takes the pictures of the README: `node scripts/screens.mjs` starts a service with the demo catalogue on a free port, plays
 * a broken sale in its theatre, and looks at it in Chromium. What they show is what was there.
 */
import { spawn } from "node:child_process"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { chromium } from "playwright-core"
import { buildPages } from "./pages.mjs"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const FOLDER = join(ROOT, "docs", "screens")
const BROWSER = "/usr/bin/chromium"
const SIZE = { width: 1200, height: 820 }
const SCHEMES = ["light", "dark"]

await buildPages()
const dataDir = await mkdtemp(join(tmpdir(), "earmark-screens-"))
// As root the database runs as somebody else, who must be able to reach it.
await chmod(dataDir, 0o755)
const service = spawn(process.execPath, ["src/cli/main.ts", "start", "--json"], {
  cwd: ROOT,
  env: { ...process.env, EARMARK_DATA_DIR: join(dataDir, "data"), PORT: "0", LOG_LEVEL: "warn" },
  stdio: ["ignore", "pipe", "inherit"],
})
try {
  const url = await listening()
  const browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] })
  try {
    await reserveSome(url)
    await playBrokenSale(url)
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({ viewport: SIZE, colorScheme, reducedMotion: "reduce" })
      const page = await context.newPage()
      await take(page, `${url}/`, `shop-${colorScheme}`)
      await take(page, `${url}/theatre`, `theatre-${colorScheme}`)
    }
  } finally {
    await browser.close()
  }
} finally {
  service.kill("SIGINT")
  await new Promise((resolve) => service.once("exit", resolve))
  await rm(dataDir, { recursive: true, force: true })
}

async function listening() {
  for await (const line of createInterface({ input: service.stdout })) {
    if (line.startsWith('{"url"')) return JSON.parse(line).url
  }
  throw new Error("the service has not started")
}

/** So that there is something to see. */
async function reserveSome(url) {
  for (const [sku, quantity] of [
    ["CERAMIC-MUG", 3],
    ["LINEN-TOTE", 90],
    ["OAK-STOOL", 4],
    ["WOOL-BLANKET", 12],
    ["NOTEBOOK-A5", 240],
  ]) {
    await post(`${url}/v1/reservations`, { lines: [{ sku, quantity }] })
  }
}

async function playBrokenSale(url) {
  const { id } = await post(`${url}/v1/theatre/sales`, { units: 100, buyers: 1000, strategy: "broken" })
  // The stream ends with what came of it.
  await (await fetch(`${url}/v1/theatre/sales/${id}/stream`)).text()
}

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`)
  return answer.json()
}

async function take(page, url, name) {
  await page.goto(url, { waitUntil: "networkidle" })
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
}
