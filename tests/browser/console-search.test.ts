/** Whatever an operator has in hand leads to its page. */
import { beforeAll, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints, type TestPage } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const HOSTILE = "<img src=x onerror=alert(1)>"

let opened: TestPage
openScene({ webhookAllow: ["127.0.0.1/32"] })
beforeAll(async () => {
  await stock(window.engine, "MUG", { BERLIN: 10 })
  await stock(window.engine, "MUG-2", { OSLO: 10 })
  await window.client.items.put("MUG-2", { name: `Blue ${HOSTILE}` })
  opened = await browser.open(window.at("/console"))
})

async function search(text: string): Promise<void> {
  const box = opened.page.getByRole("searchbox", { name: "Search by any id, sku or name" })
  await box.fill(text)
  await box.press("Enter")
}

test("what has just this id is gone to at once, and back leads to where one came from", async () => {
  const { page } = opened
  const { id } = await window.client.reservations.reserve({
    customerId: "c-1",
    lines: [{ sku: "MUG", quantity: 1 }],
  })
  const webhook = await window.client.webhooks.add({ url: "http://127.0.0.1:9000/hooks" })
  const pages = [
    { text: id, path: `/console/reservations/${id}`, title: "Reservation" },
    { text: webhook.id, path: `/console/webhooks/${webhook.id}`, title: "Webhook" },
    { text: "MUG", path: "/console/stock/MUG", title: "MUG" },
    { text: "OSLO", path: "/console/stock?location=OSLO", title: "Stock" },
    { text: "c-1", path: "/console/reservations?customerId=c-1", title: "Reservations" },
  ]
  for (const { text, path, title } of pages) {
    await search(text)
    await page.waitForURL(`**${path}`)
    await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor()
  }
  await page.goBack()
  await page.waitForURL("**/console/stock?location=OSLO")
  expectNoComplaints(opened)
})

test("what is called so in part is listed by what it is", async () => {
  const { page } = opened
  await search("blue")
  await page.waitForURL("**/console/search?q=blue")
  await page.getByText(`Blue ${HOSTILE}`).waitFor()
  await search("o")
  await page.getByRole("heading", { name: "Locations" }).waitFor()
  await page.getByRole("heading", { name: "Webhooks" }).waitFor()
  await look(opened, "console-search")
  await page.getByRole("link", { name: "OSLO" }).click()
  await page.waitForURL("**/console/stock?location=OSLO")
  expectNoComplaints(opened)
})

test("two things of one name are both shown", async () => {
  await window.client.reservations.reserve({ customerId: "MUG", lines: [{ sku: "MUG", quantity: 1 }] })
  await search("MUG")
  await opened.page.getByRole("heading", { name: "Items" }).waitFor()
  await opened.page.getByRole("heading", { name: "Reservations of MUG" }).waitFor()
})

test("what nothing is called is said, whatever it is", async () => {
  for (const text of ["rsv_1", "<b>nothing</b>", "whk_none", "123", "x".repeat(300)]) {
    await search(text)
    await opened.page.waitForURL((url) => url.searchParams.get("q")?.includes(text) ?? false)
    await opened.page.getByText("Nothing is called that").waitFor()
  }
  await look(opened, "console-search-nothing")
  expect(await opened.page.title()).toContain("Earmark")
  expectNoComplaints(opened)
})
