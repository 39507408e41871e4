/** The pages as files: which paths they have, what a browser may do on them, and how much it has to load. */
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { PAGE_PATHS } from "../../src/http/pages.ts"
import { startListening } from "../http/raw-connection.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

/** The shop's first load, as it goes over the wire. */
const FIRST_LOAD_BYTES_MAX = 150_000
/** The time that `npm pack` gives to every file of every version. */
const PACKED_AT = new Date("1985-10-26T08:15:00Z")

openScene()

test("each page is sent with a policy under which no script of anybody else runs", async () => {
  for (const path of PAGE_PATHS) {
    const { status, headers, body } = await window.call(
      "GET",
      path.replace(":id", "rsv_1").replace("*", "any/thing"),
    )
    expect(status, path).toBe(200)
    expect(headers["content-type"], path).toBe("text/html; charset=utf-8")
    expect(headers["cache-control"], path).toBe("no-cache")
    const policy = String(headers["content-security-policy"])
    expect(policy, path).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy, path).not.toMatch(/unsafe|nonce|sha\d/)
    expect(body, path).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=/i)
  }
})

test("parts have their content's hash in their names and may be kept; nothing else is found beside them", async () => {
  const { body } = await window.call("GET", "/")
  const [script = ""] = /\/assets\/index-[\w-]+\.js/.exec(body) ?? []
  const { headers } = await window.call("GET", script, { headers: { "accept-encoding": "br" } })
  expect(headers["content-encoding"]).toBe("br")
  expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable")
  for (const path of [
    `${script}.br`,
    "/built-from.txt/x",
    "/assets/",
    "/assets/../package.json",
    "/nowhere",
  ]) {
    const { status, body: problem } = await window.call("GET", path)
    expect([status, problem.code], path).toEqual([404, "not_found"])
  }
})

test("a new page is sent to whoever has the old one, also where both are of one size and time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pages-"))
  const write = async (text: string) => {
    await writeFile(join(folder, "index.html"), text)
    await utimes(join(folder, "index.html"), PACKED_AT, PACKED_AT)
  }
  await write("old")
  const service = await startListening({ pages: folder })
  const { headers } = await service.call("GET", "/")
  await write("new")
  const asked = await service.call("GET", "/", {
    headers: {
      "if-none-match": String(headers["etag"] ?? '"none"'),
      "if-modified-since": PACKED_AT.toUTCString(),
    },
  })
  await service.close()
  await rm(folder, { recursive: true })
  expect([asked.status, asked.body]).toEqual([200, "new"])
})

test("without built pages the service says how to build them", async () => {
  const service = await startListening()
  const { status, body } = await service.call("GET", "/console")
  await service.close()
  expect([status, body.code]).toEqual([404, "not_found"])
  expect(body.detail).toContain("npm run build:pages")
})

test("the shop's first load is small", async () => {
  const opened = await browser.open("about:blank")
  const sizes: Promise<number>[] = []
  opened.page.on("requestfinished", (request) => {
    if (new URL(request.url()).pathname.startsWith("/v1/")) return
    sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
  })
  await opened.page.goto(window.at("/"), { waitUntil: "networkidle" })
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  expect(bytes).toBeGreaterThan(50_000)
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX)
})

test("a page whose part cannot be had is not blamed on the service's answers, and can be tried again", async () => {
  const { page } = await browser.open(window.at("/"))
  await page.route("**/assets/basket-page-*", (route) => route.fulfill({ status: 404 }))
  await page.getByRole("link", { name: "Basket" }).click()
  await page.getByText("This page went wrong").waitFor()
  await page.unroute("**/assets/basket-page-*")
  await page.reload()
  await page.getByText("Your basket is empty").waitFor()
})

test("a path that the app does not know says so, in the app", async () => {
  const opened = await browser.open(window.at("/console/no/such/page"))
  await opened.page.getByText("There is no such page").waitFor()
  await look(opened, "no-such-page")
  expectNoComplaints(opened)
})
