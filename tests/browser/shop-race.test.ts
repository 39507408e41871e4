/** Two tabs want the same: what each of them is told, and when. */
import { beforeEach, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints, type TestPage } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

openScene()

let sku = ""
let made = 0
beforeEach(() => {
  made += 1
  sku = `MUG-${made}`
})

test("of two tabs that click for the last unit at once, one holds it and the other is told what there is", async () => {
  await stock(window.engine, sku, { BERLIN: 1, PARIS: 5 })
  const first = await browser.open(window.at("/"))
  const second = await browser.besides(first, window.at("/"))
  const tabs = [first, second]
  for (const { page } of tabs) await page.getByLabel(`Location: ${sku}`).selectOption("BERLIN")
  await Promise.all(tabs.map(({ page }) => page.getByRole("button", { name: `Reserve now: ${sku}` }).click()))
  const told = await Promise.all(tabs.map(whatCame))
  expect(told.toSorted()).toEqual(["held", "refused"])
  const late = tabs[told.indexOf("refused")] as TestPage
  await late.page.getByText("1 asked for, none available.").waitFor()
  const why = await late.page.getByRole("link", { name: "Why?" }).getAttribute("href")
  const lines = new URL(why ?? "", window.at("/")).searchParams.get("lines")
  expect(JSON.parse(lines ?? "")).toEqual([{ sku, quantity: 1, location: "BERLIN" }])
  await look(late, "shop-refused")
  const { locations } = await window.client.stock.get(sku)
  expect(locations.map(({ location, available }) => [location, available])).toEqual([
    ["BERLIN", 0],
    ["PARIS", 5],
  ])
  for (const tab of tabs) expectNoComplaints(tab)
})

test("whoever pays after the hold was cancelled elsewhere is told so", async () => {
  await stock(window.engine, sku, { BERLIN: 1 })
  const { id } = await window.client.reservations.reserve({ lines: [{ sku, quantity: 1 }] })
  const first = await browser.open(window.at(`/reservations/${id}`))
  const second = await browser.besides(first, window.at(`/reservations/${id}`))
  await first.page.getByRole("button", { name: "Pay and confirm" }).click()
  await second.page.getByRole("button", { name: "Cancel" }).click()
  await second.page.getByLabel("Reason").fill("too dear")
  await second.page.getByRole("button", { name: "Cancel it" }).click()
  await second.page.getByRole("heading", { name: "Cancelled" }).waitFor()
  await first.page.getByText("It was cancelled meanwhile").waitFor()
  await first.page.getByRole("button", { name: "Pay now" }).click()
  await first.page.getByText("Too late: the hold was cancelled").waitFor()
  await first.page.getByText("409 reservation_released").waitFor()
  const { data } = await window.client.reservations.journal(id)
  expect(JSON.stringify(data)).toContain("too dear")
  expectNoComplaints(first)
  expectNoComplaints(second)
})

test("at the deadline the page says so by itself, a late payment is refused, and the unit is back in the other tab", async () => {
  await stock(window.engine, sku, { BERLIN: 1 })
  const { id } = await window.client.reservations.reserve({ lines: [{ sku, quantity: 1 }], ttlSeconds: 3 })
  const other = await browser.open(window.at("/"))
  const card = other.page.locator(`[data-sku=${sku}]`)
  await card.getByText("Sold out").waitFor()
  const holder = await browser.besides(other, window.at(`/reservations/${id}`))
  await holder.page.getByRole("button", { name: "Pay and confirm" }).click()
  await holder.page.getByText("The deadline has passed meanwhile").waitFor()
  await holder.page.getByRole("button", { name: "Pay now" }).click()
  await holder.page.getByText("Too late: the hold has expired").waitFor()
  await holder.page.getByText("410 reservation_expired").waitFor()
  await look(holder, "payment-too-late")
  await card.getByText("1 available").waitFor()
  await card.getByRole("button", { name: `Reserve now: ${sku}` }).click()
  await other.page.getByRole("timer").waitFor()
  await holder.page.keyboard.press("Escape")
  await holder.page.getByRole("heading", { name: "Expired" }).waitFor()
  expect(await holder.page.evaluate("document.activeElement.textContent")).toBe("Expired")
  await holder.page.getByRole("button", { name: "Reserve the same again" }).click()
  await holder.page.getByText("1 asked for, none available.").waitFor()
  expectNoComplaints(holder)
  expectNoComplaints(other)
})

async function whatCame({ page }: TestPage): Promise<"held" | "refused"> {
  const timer = page.getByRole("timer")
  await timer.or(page.getByText("Too late: not enough units are available")).waitFor()
  return (await timer.isVisible()) ? "held" : "refused"
}
