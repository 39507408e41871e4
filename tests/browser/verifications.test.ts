/** The page of the laws: what came of `earmark verify`, of lawful books and of some that were changed behind its back. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { run } from "../cli/earmark-process.ts"
import { stock } from "../support/engine.ts"
import { expectNoComplaints, TestBrowser } from "./browser.ts"
import { look } from "./look.ts"
import { openShopWindow, type ShopWindow } from "./shop-window.ts"

let browser: TestBrowser
let window: ShopWindow
beforeAll(async () => {
  browser = await TestBrowser.start()
  window = await openShopWindow()
  await stock(window.engine, "MUG", { BERLIN: 5 })
})
afterAll(async () => {
  await browser?.close()
  // Every test ends with the laws, and these books are wrong.
  await expect(window?.close()).rejects.toThrow("laws are broken")
})

/** As an operator would, in a terminal. */
function verify() {
  return run(["verify"], { DATABASE_URL: window.url })
}

test("each law is shown as it was found, a broken one with the rows, and the overview leads there", async () => {
  const opened = await browser.open(window.at("/console/verifications"))
  const { page } = opened
  await page.getByText("Nobody has verified these books yet").waitFor()
  await page.getByText("npm run earmark -- verify").waitFor()
  await look(opened, "laws-never")

  expect((await verify()).exitCode).toBe(0)
  await page.getByText(/^All \d+ laws held$/).waitFor()
  await look(opened, "laws-held")

  await window.pool.query(
    "update earmark.stock_levels set on_hand = on_hand + 1, version = version + 1 where sku = 'MUG'",
  )
  expect((await verify()).exitCode).toBe(1)
  await page.getByText(/^\d+ of \d+ laws were broken$/).waitFor()
  await page.getByText('"sku":"MUG"').first().waitFor()
  await look(opened, "laws-broken")

  // The run before is still there to be read.
  await page.getByRole("button", { name: "all hold" }).click()
  await page.getByText(/^All \d+ laws held$/).waitFor()
  await page.goto(window.at("/console"))
  const row = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: "Laws" }) })
  await row.getByText("broken").waitFor()
  await row.getByRole("link", { name: "Laws" }).click()
  await page.getByText(/laws were broken$/).waitFor()
  expectNoComplaints(opened)
})
