/** The console's stock: every level, one item, and what an operator does to it. */
import { expect, test } from "vitest"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const HOSTILE = "<img src=x onerror=document.title='taken'>"
/** More than any screen shows, and more than one page of the list. */
const ITEMS = 130

openScene()

test("without items it says which command makes some", async () => {
  const opened = await browser.open(window.at("/console/stock"))
  await opened.page.getByText("npm run earmark -- seed").waitFor()
  await look(opened, "console-stock-empty")
  expectNoComplaints(opened)
})

test("each stock level is shown with its units, and as they change", async () => {
  const { client } = window
  await client.locations.put("BERLIN", { name: "Berlin" })
  await client.locations.put("OSLO", { name: "Oslo" })
  await client.items.put("MUG", { name: HOSTILE, description: "Holds 300 ml." })
  await client.stock.adjust({ sku: "MUG", location: "BERLIN", delta: 12, reason: "received" })
  await client.stock.adjust({ sku: "MUG", location: "OSLO", delta: 3, reason: "received" })
  await client.stock.setSafetyStock("MUG", "BERLIN", { safetyStock: 2 })
  const opened = await browser.open(window.at("/console/stock"))
  const { page } = opened
  await page.getByText(HOSTILE).waitFor()
  await page.getByRole("img", { name: "12 on hand: 10 available, 2 safety stock" }).waitFor()
  await client.reservations.reserve({
    customerId: "c-1",
    lines: [{ sku: "MUG", quantity: 4, location: "BERLIN" }],
  })
  await page.getByRole("img", { name: "12 on hand: 6 available, 4 held, 2 safety stock" }).waitFor()
  await look(opened, "console-stock")
  expect(await page.title()).not.toBe("taken")
  expectNoComplaints(opened)
})

test("the filter is in the address, and the back button takes it back", async () => {
  const { page } = await browser.open(window.at("/console/stock"))
  await page.getByLabel("Location").fill("OSLO")
  await page.waitForURL("**/console/stock?location=OSLO")
  const levels = page.getByRole("list", { name: "Stock levels by item" }).getByRole("img")
  await expect.poll(() => levels.count()).toBe(1)
  await page.reload()
  await expect.poll(() => levels.count()).toBe(1)
  await page.getByLabel("Sku or name", { exact: true }).fill("nothing is called this")
  await page.getByText("No item is like this").waitFor()
  await page.goBack()
  await page.goBack()
  await expect.poll(() => levels.count()).toBe(2)
  expect(await page.getByLabel("Location").inputValue()).toBe("")
})

test("an operator adjusts with a reason, and the journal says who did it and why", async () => {
  const opened = await browser.open(window.at("/console/stock/MUG"))
  const { page } = opened
  await page.getByRole("button", { name: "Adjust at OSLO" }).click()
  await page.getByRole("spinbutton", { name: "Units" }).fill("-1")
  await page.getByLabel("Reason").selectOption("damaged")
  await page.getByLabel("Reference").fill(HOSTILE)
  await page.getByRole("button", { name: "Adjust", exact: true }).click()
  await page.getByText("2 of MUG are on hand at OSLO now.", { exact: true }).waitFor()
  const level = (await window.client.stock.get("MUG")).locations.find(({ location }) => location === "OSLO")
  expect(level?.onHand).toBe(2)
  const newest = page.getByRole("list", { name: "Journal" }).getByRole("listitem").first()
  await newest.getByText("by console").waitFor()
  const told = await newest.textContent()
  expect(told).toContain("adjusted")
  expect(told).toContain("reason: damaged")
  expect(told).toContain(`reference: ${HOSTILE}`)
  expect(told).toMatch(/on hand 3 →to 2/)
  expectNoComplaints(opened)
})

test("what is wrong is said beside the field, and fewer than are held cannot be on hand", async () => {
  const opened = await browser.open(window.at("/console/stock/MUG"))
  const { page } = opened
  await page.getByRole("button", { name: "Adjust at BERLIN" }).click()
  const units = page.getByRole("spinbutton", { name: "Units" })
  const send = page.getByRole("button", { name: "Adjust", exact: true })
  await send.click()
  await page.getByText("must be an integer from").waitFor()
  await expect.poll(() => units.getAttribute("aria-invalid")).toBe("true")
  await units.fill("-9")
  await send.click()
  await page.getByText("What is held was promised to somebody").waitFor()
  await look(opened, "console-adjust-refused")
  expect((await window.client.stock.get("MUG")).onHand).toBe(14)
  await page.keyboard.press("Escape")
  await page.getByRole("button", { name: "Safety stock at BERLIN" }).click()
  await page.getByRole("spinbutton", { name: "Units" }).fill("5")
  await page.getByRole("button", { name: "Set", exact: true }).click()
  await page.getByRole("img", { name: "12 on hand: 3 available, 4 held, 5 safety stock" }).waitFor()
  expectNoComplaints(opened)
})

test("a double click adjusts once", async () => {
  const { page } = await browser.open(window.at("/console/stock/MUG"))
  const { onHand } = await window.client.stock.get("MUG")
  await page.getByRole("button", { name: "Adjust at OSLO" }).click()
  await page.getByRole("spinbutton", { name: "Units" }).fill("1")
  const sent: string[] = []
  page.on("request", (request) => {
    if (request.method() === "POST") sent.push(request.url())
  })
  await page.getByRole("button", { name: "Adjust", exact: true }).dblclick()
  await page.getByRole("dialog").waitFor({ state: "detached" })
  expect(sent).toEqual([window.at("/v1/stock/adjustments")])
  expect((await window.client.stock.get("MUG")).onHand).toBe(onHand + 1)
  await window.client.stock.adjust({ sku: "MUG", location: "OSLO", delta: -1, reason: "counted" })
})

test("an item's page shows who holds it", async () => {
  const opened = await browser.open(window.at("/console/stock/MUG"))
  const holds = opened.page.locator("section").filter({ hasText: "Holds on it" })
  await holds.getByRole("link", { name: "c-1" }).waitFor()
  await opened.page.getByRole("list", { name: "Journal" }).getByText("adjusted").first().waitFor()
  await look(opened, "console-item")
  expectNoComplaints(opened)
})

test("an item that there is not is said to be missing", async () => {
  const { page } = await browser.open(window.at("/console/stock/NOTHING"))
  await page.getByText("There is no such item").waitFor()
})

test("of many items the page has those that are seen, and reads on as one scrolls", async () => {
  const numbers = Array.from({ length: ITEMS }, (_, index) => String(index).padStart(3, "0"))
  for (const number of numbers) {
    await window.client.items.put(`X-${number}`, { name: `Number ${number}` })
    await window.client.stock.adjust({ sku: `X-${number}`, location: "OSLO", delta: 1, reason: "received" })
  }
  const { page } = await browser.open(window.at("/console/stock"))
  const list = page.getByRole("list", { name: "Stock levels by item" })
  await list.getByText("Number 000").waitFor()
  expect(await list.locator(":scope > li").count()).toBeLessThan(40)
  await expect
    .poll(async () => {
      await page.evaluate("scrollTo(0, document.body.scrollHeight)")
      return list.getByText(`Number ${numbers.at(-1)}`).count()
    })
    .toBe(1)
  expect(await list.locator(":scope > li").count()).toBeLessThan(40)
})

test("an item is live under a filter too, however many are before it", async () => {
  const { client } = window
  await client.locations.put("BERGEN", { name: "Bergen" })
  await client.items.put("ZED", { name: "Zed" })
  await client.stock.adjust({ sku: "ZED", location: "BERGEN", delta: 3, reason: "received" })
  const { page } = await browser.open(window.at("/console/stock?location=BERGEN"))
  await page.getByRole("img", { name: "3 on hand: 3 available" }).waitFor()
  await client.stock.adjust({ sku: "ZED", location: "BERGEN", delta: 4, reason: "received" })
  await page.getByRole("img", { name: "7 on hand: 7 available" }).waitFor()
})

test("what Redis had a moment ago never makes fewer than none held", async () => {
  const { page } = await browser.open("about:blank")
  await page.route("**/v1/hot-items", (route) =>
    route.fulfill({
      json: { data: [{ sku: "ZED", target: 0, locations: [{ location: "BERGEN", allotted: 5 }] }] },
    }),
  )
  const asked = page.waitForResponse("**/v1/hot-items")
  await page.goto(window.at("/console/stock/ZED"))
  await asked
  await window.client.reservations.reserve({ lines: [{ sku: "ZED", quantity: 2 }] })
  await page.getByRole("img", { name: "7 on hand: 5 available, 2 allotted", exact: true }).waitFor()
  expect(await page.getByText("-3").count()).toBe(0)
})
