/** The items of the shop: what a shopper sees of them, and that it is true a moment after it has changed. */
import { expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const PAGE_ITEMS = 50

openScene()

test("an empty shop says which command fills it, and what this is", async () => {
  const shopper = await browser.open(window.at("/"))
  await shopper.page.getByText("There is nothing to sell yet").waitFor()
  await shopper.page.getByText("npm run earmark -- seed").waitFor()
  await shopper.page.getByText("It never promises a unit twice").waitFor()
  expect(await shopper.page.title()).toBe("Shop · Earmark")
  await look(shopper, "shop-empty")
  expectNoComplaints(shopper)
})

test("what is available changes on the page as it changes, and the last unit gone is sold out", async () => {
  const { client, engine } = window
  await stock(engine, "MUG", { BERLIN: 2, PARIS: 1 })
  await client.items.put("MUG", { name: "Mug, blue", description: "Holds 300 ml." })
  await stock(engine, "KETTLE", { BERLIN: 7 })
  const shopper = await browser.open(window.at("/"))
  const { page } = shopper
  const card = page.locator("[data-sku=MUG]")
  await card.getByText("3 available").waitFor()
  await page.getByText("the last Mug, blue at PARIS").waitFor()
  await client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 2 }] })
  await card.getByText("1 available").waitFor()
  await card.getByText("2 held").waitFor()
  await client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  await card.getByText("Sold out").waitFor()
  expect(await card.getByRole("button", { name: /^Reserve now/ }).isDisabled()).toBe(true)
  await look(shopper, "shop")
  expectNoComplaints(shopper)
})

test("items are found by a part of their name, and the address keeps what was searched for", async () => {
  const shopper = await browser.open(window.at("/"))
  const { page } = shopper
  await page.locator("[data-sku=MUG]").waitFor()
  await page.getByLabel("Search").fill("kett")
  await page.locator("[data-sku=MUG]").waitFor({ state: "detached" })
  expect(new URL(page.url()).searchParams.get("q")).toBe("kett")
  await page.reload()
  await page.locator("[data-sku=KETTLE]").waitFor()
  expect(await page.getByLabel("Search").inputValue()).toBe("kett")
  await page.getByLabel("Search").fill("enamel ")
  await page.waitForURL("**/?q=enamel")
  expect(await page.getByLabel("Search").inputValue()).toBe("enamel ")
  await page.getByLabel("Search").fill("12345")
  await page.getByText('Nothing here is called "12345"').waitFor()
  expectNoComplaints(shopper)
})

test("of many locations the first are shown, and the others when they are asked for", async () => {
  await stock(window.engine, "LAMP", Object.fromEntries("ABCDEFGHI".split("").map((code) => [code, 2])))
  const shopper = await browser.open(window.at("/?q=lamp"))
  const card = shopper.page.locator("[data-sku=LAMP]")
  await card.getByText("18 available").waitFor()
  expect(await card.getByRole("listitem").count()).toBe(6)
  await card.getByText("3 more locations").click()
  await expect.poll(() => card.getByRole("listitem").count()).toBe(9)
  await look(shopper, "shop-many-locations")
  expectNoComplaints(shopper)
})

test("a long list comes page by page, and what is looked at is followed wherever it is", async () => {
  const { client, engine } = window
  await client.locations.put("BERLIN", { name: "Berlin" })
  for (let number = 0; number < 2 * PAGE_ITEMS + 10; number += 1) {
    await client.items.put(`SPOON-${String(number).padStart(3, "0")}`, { name: `Spoon ${number}` })
  }
  const lastSku = "SPOON-109"
  await stock(engine, lastSku, { BERLIN: 5 })
  const shopper = await browser.open(window.at("/?q=spoon"))
  const { page } = shopper
  const cards = page.locator("[data-sku]")
  await page.locator("[data-sku=SPOON-049]").waitFor()
  expect(await cards.count()).toBe(PAGE_ITEMS)
  await page.getByRole("button", { name: "Show more" }).click()
  await page.locator("[data-sku=SPOON-099]").waitFor()
  await page.getByRole("button", { name: "Show more" }).click()
  const last = page.locator(`[data-sku=${lastSku}]`)
  await last.scrollIntoViewIfNeeded()
  await last.getByText("5 available").waitFor()
  await client.reservations.reserve({ lines: [{ sku: lastSku, quantity: 2 }] })
  await last.getByText("3 available").waitFor()
  // The same card at another place.
  await page.getByLabel("Search").fill(lastSku)
  await expect.poll(() => cards.count()).toBe(1)
  await client.reservations.reserve({ lines: [{ sku: lastSku, quantity: 2 }] })
  await last.getByText("1 available").waitFor()
  expectNoComplaints(shopper)
})
