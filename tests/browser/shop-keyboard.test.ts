/** Everything a shopper does, without a pointer; and what it looks like on the way. */
import type { Page } from "playwright-core"
import { expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

/** More than any of the pages has to stop at. */
const STOPS_MAX = 40
/** A page is loaded first, on a machine that does other things too. */
const FOCUS_MS_MAX = 10_000

openScene()

test("a mug is found, put into the basket, reserved and paid for with the keyboard alone", async () => {
  await stock(window.engine, "MUG", { BERLIN: 5 })
  const shopper = await browser.open(window.at("/"))
  const { page } = shopper
  await page.locator("[data-sku=MUG]").waitFor()
  await tabTo(page, "Search")
  await page.keyboard.type("mug")
  await tabTo(page, "One more: MUG")
  await page.keyboard.press("Enter")
  await tabTo(page, "Add to basket: MUG")
  await page.keyboard.press("Enter")
  await page.getByRole("link", { name: "Basket, 2 units" }).waitFor()
  await tabTo(page, "Basket, 2 units", "Shift+Tab")
  await page.keyboard.press("Enter")
  await expectHeading(page, "Basket")
  await look(shopper, "basket")
  await tabTo(page, "Reserve all of it")
  await page.keyboard.press("Enter")
  await page.getByRole("timer").waitFor()
  await expectHeading(page, "Held for you")
  await tabTo(page, "Pay and confirm")
  await page.keyboard.press("Enter")
  await tabTo(page, "Reference")
  await look(shopper, "payment")
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { name: "Confirmed: it is yours" }).waitFor()
  await expectHeading(page, "Confirmed: it is yours")
  const [level] = (await window.client.stock.get("MUG")).locations
  expect(level).toMatchObject({ onHand: 3, held: 0 })
  expectNoComplaints(shopper)
})

/** What has the focus is known by its label or its text. */
const FOCUSED = `(() => {
  const { activeElement: it } = document
  return it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent ?? it.textContent
})()`

async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  const passed: unknown[] = []
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press(key)
    const focused = await page.evaluate(FOCUSED)
    if (focused === name) return
    passed.push(focused)
  }
  expect(passed).toContain(name)
}

/** After going somewhere, its heading is what has the focus. */
async function expectHeading(page: Page, text: string): Promise<void> {
  await expect
    .poll(() => page.evaluate("[document.activeElement.tagName, document.activeElement.textContent]"), {
      timeout: FOCUS_MS_MAX,
    })
    .toEqual(["H1", text])
}
