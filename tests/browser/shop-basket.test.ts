/** A basket is filled, changed, and reserved as one or not at all. */
import { beforeEach, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

openScene()

let sku = ""
let made = 0
beforeEach(async () => {
  made += 1
  sku = `MUG-${made}`
  await stock(window.engine, sku, { BERLIN: 3, PARIS: 4 })
})

test("a basket that is short is refused as a whole, and takes what there is when it is asked to", async () => {
  await stock(window.engine, "KETTLE", { BERLIN: 9 })
  const shopper = await browser.open(window.at("/basket"))
  const { page } = shopper
  await page.getByText("Your basket is empty").waitFor()
  await page.getByRole("link", { name: "Look at what there is" }).click()
  await page.getByLabel(`Location: ${sku}`).selectOption("BERLIN")
  await page.getByRole("button", { name: `Add to basket: ${sku}` }).click()
  await page.getByRole("button", { name: "Add to basket: KETTLE" }).click()
  await page.getByRole("link", { name: "Basket, 2 units" }).click()
  const row = page.locator(`[data-sku=${sku}]`)
  await row.getByText("3 available").waitFor()
  for (let more = 0; more < 4; more += 1) await row.getByRole("button", { name: /^One more/ }).click()
  await row.getByText("3 available, fewer than you want").waitFor()
  await page.getByRole("button", { name: "Reserve all of it" }).click()
  await row.getByText("Refused: 5 asked for, 3 available.").waitFor()
  await look(shopper, "basket-short")
  expect(await reservedOf("KETTLE")).toBe(0)
  await page.getByRole("button", { name: "Take what there is" }).click()
  expect(await row.getByRole("textbox").inputValue()).toBe("3")
  await page.getByLabel("Hold it for").selectOption("1 minute")
  await page.getByRole("button", { name: "Reserve all of it" }).click()
  await page.getByRole("timer").waitFor()
  await page.getByRole("link", { name: "Basket, 0 units" }).waitFor()
  const { data } = await window.client.reservations.list({ sku }).page()
  expect(data.map(({ ttlSeconds, lines }) => ({ ttlSeconds, lines }))).toEqual([
    {
      ttlSeconds: 60,
      lines: [
        { sku: "KETTLE", location: "BERLIN", quantity: 1 },
        { sku, location: "BERLIN", quantity: 3 },
      ],
    },
  ])
  expectNoComplaints(shopper)
})

test("lines are changed and removed, in this tab and in the next", async () => {
  const first = await browser.open(window.at("/"))
  await first.page.getByRole("button", { name: `Add to basket: ${sku}` }).click()
  const second = await browser.besides(first, window.at("/basket"))
  const row = second.page.locator(`[data-sku=${sku}]`)
  await row.getByRole("textbox").fill("6")
  await first.page.getByRole("link", { name: "Basket, 6 units" }).waitFor()
  await row.getByRole("textbox").fill("")
  await row.getByRole("textbox").blur()
  expect(await row.getByRole("textbox").inputValue()).toBe("6")
  await row.getByRole("button", { name: /^Remove/ }).click()
  await second.page.getByText("Your basket is empty").waitFor()
  await first.page.getByRole("link", { name: "Basket, 0 units" }).waitFor()
  expectNoComplaints(second)
})

/** Units that are held of it. */
async function reservedOf(item: string): Promise<number> {
  return (await window.client.stock.get(item)).held
}
