/** The console's reservations: found by filters, told as a timeline, ended or prolonged by an operator. */
import { beforeAll, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const HOSTILE = "<script>document.title='taken'</script>"
/** More than any screen shows, and more than one page of the list. */
const RESERVATIONS = 120

openScene()
beforeAll(async () => {
  await stock(window.engine, "MUG", { BERLIN: 1_000 })
  await stock(window.engine, "CUP", { OSLO: 1_000 })
})

function reserve(customerId: string, sku = "MUG") {
  return window.client.reservations.reserve(
    { customerId, lines: [{ sku, quantity: 2 }] },
    { actor: "till-7" },
  )
}

test("without reservations it says where one is made", async () => {
  const opened = await browser.open(window.at("/console/reservations"))
  await opened.page.getByText("Nothing has been reserved yet").waitFor()
  await look(opened, "console-reservations-empty")
  expectNoComplaints(opened)
})

test("a new reservation is on top at once, and what it says is text", async () => {
  const opened = await browser.open(window.at("/console/reservations"))
  const { page } = opened
  await page.getByText("Nothing has been reserved yet").waitFor()
  const { id } = await reserve(HOSTILE)
  await page.getByRole("link", { name: id }).waitFor()
  await page.getByRole("link", { name: HOSTILE }).click()
  await page.waitForURL("**/console/reservations?customerId=*")
  await page.getByRole("link", { name: id }).waitFor()
  expect(await page.getByLabel("Customer").inputValue()).toBe(HOSTILE)
  expect(await page.title()).not.toBe("taken")
  expectNoComplaints(opened)
})

test("filters are in the address: they outlive a reload, and the back button takes them back", async () => {
  const cup = await reserve("c-2", "CUP")
  const mug = await reserve("c-2")
  await window.client.reservations.confirm(cup.id)
  const opened = await browser.open(window.at("/console/reservations?customerId=c-2"))
  const { page } = opened
  const rows = page.getByRole("list", { name: "Reservations" }).locator(":scope > li")
  await expect.poll(() => rows.count()).toBe(2)
  expect(await rows.first().textContent()).toContain(mug.id)
  await page.getByLabel("State").selectOption("confirmed")
  await page.waitForURL((url) => url.searchParams.get("state") === "confirmed")
  await expect.poll(() => rows.count()).toBe(1)
  await page.reload()
  await page.getByRole("link", { name: cup.id }).click()
  await page.getByRole("heading", { name: "Timeline" }).waitFor()
  await page.goBack()
  await expect.poll(() => rows.count()).toBe(1)
  expect(await page.getByLabel("State").inputValue()).toBe("confirmed")
  await page.goBack()
  await expect.poll(() => rows.count()).toBe(2)
  await look(opened, "console-reservations")
  expectNoComplaints(opened)
})

test("what is no filter in the address is left alone", async () => {
  const { page } = await browser.open(
    window.at("/console/reservations?state=sold&customerId=c-2&sku=&limit=1"),
  )
  const rows = page.getByRole("list", { name: "Reservations" }).locator(":scope > li")
  await expect.poll(() => rows.count()).toBe(2)
  expect(await page.getByLabel("State").inputValue()).toBe("")
})

test("what was typed into the address is text, whatever it looks like", async () => {
  const { id } = await reserve("1e5")
  const { page } = await browser.open(window.at("/console/reservations?customerId=1e5"))
  await page.getByRole("link", { name: id }).waitFor()
  expect(await page.getByLabel("Customer").inputValue()).toBe("1e5")
  expect(new URL(page.url()).search).toBe("?customerId=1e5")
})

test("a timeline tells what happened in its order, who did it, and why", async () => {
  const { client } = window
  const { id } = await reserve("c-3")
  await client.reservations.extend(id, { ttlSeconds: 3_600 }, { actor: "till-8" })
  const opened = await browser.open(window.at(`/console/reservations/${id}`))
  const { page } = opened
  await page.getByText("by till-8").waitFor()
  await client.reservations.confirm(
    id,
    { reference: "order-4711" },
    { actor: "till-9", headers: { traceparent: `00-${"a1".repeat(16)}-${"b2".repeat(8)}-01` } },
  )
  await page.getByText("by till-9").waitFor()
  const steps = await page
    .getByRole("listitem")
    .filter({ hasText: /^\w+by till-/ })
    .allTextContents()
  expect(steps.map((step) => /^(\w+)by (till-\d)/.exec(step)?.slice(1))).toEqual([
    ["held", "till-7"],
    ["extended", "till-8"],
    ["sold", "till-9"],
  ])
  expect(steps[2]).toContain("reference: order-4711")
  expect(steps[2]).toContain("a1".repeat(16))
  await page.getByText("reservation.confirmed", { exact: true }).waitFor()
  expect(await page.getByRole("button", { name: "Release" }).count()).toBe(0)
  await look(opened, "console-reservation")
  expectNoComplaints(opened)
})

test("an operator releases with a reason, and the units are back", async () => {
  const { client } = window
  const { id } = await reserve("c-4")
  const { available } = await client.stock.get("MUG")
  const opened = await browser.open(window.at(`/console/reservations/${id}`))
  const { page } = opened
  await page.getByRole("button", { name: "Release" }).click()
  await page.getByLabel("Reason").fill("called in")
  await look(opened, "console-release")
  await page.getByRole("dialog").getByRole("button", { name: "Release" }).click()
  await page.getByText("reason: called in").waitFor()
  await page.getByText("by console").waitFor()
  expect((await client.reservations.get(id)).state).toBe("released")
  expect((await client.stock.get("MUG")).available).toBe(available + 2)
  expectNoComplaints(opened)
})

test("an operator extends, and is told what is wrong beside the field", async () => {
  const { id, expiresAt } = await reserve("c-5")
  const { page } = await browser.open(window.at(`/console/reservations/${id}`))
  await page.getByRole("button", { name: "Extend" }).click()
  const minutes = page.getByLabel("Minutes from now")
  await minutes.fill("0")
  const send = page.getByRole("dialog").getByRole("button", { name: "Extend" })
  await send.click()
  await page.getByText("must be an integer from").waitFor()
  await minutes.fill("600")
  await send.click()
  await page.getByText(/^It is held until/).waitFor()
  const { expiresAt: later } = await window.client.reservations.get(id)
  expect(Date.parse(later) - Date.parse(expiresAt)).toBeGreaterThan(3_600_000)
})

test("of many reservations the page has those that are seen, and reads on as one scrolls", async () => {
  for (let number = 0; number < RESERVATIONS; number++) await reserve("many")
  const { page } = await browser.open(window.at("/console/reservations"))
  const rows = page.getByRole("list", { name: "Reservations" }).locator(":scope > li")
  await rows.first().waitFor()
  expect(await rows.count()).toBeLessThan(40)
  await expect
    .poll(async () => {
      await page.evaluate("scrollTo(0, document.body.scrollHeight)")
      return page.getByRole("link", { name: HOSTILE }).count()
    })
    .toBe(1)
  expect(await rows.count()).toBeLessThan(40)
})

test("a list stands still for whoever reads in it, and goes on from its top", async () => {
  const { page } = await browser.open(window.at("/console/reservations"))
  const rows = page.getByRole("list", { name: "Reservations" }).locator(":scope > li")
  const sizeBecomes = (size: string) =>
    expect.poll(() => rows.first().getAttribute("aria-setsize")).toBe(size)
  await sizeBecomes("100")
  await page.evaluate("scrollTo(0, document.body.scrollHeight)")
  await expect.poll(async () => Number(await rows.first().getAttribute("aria-setsize"))).toBeGreaterThan(100)
  let asked = 0
  page.on("request", (request) => {
    if (request.url().includes("/v1/reservations?")) asked += 1
  })
  const { id } = await reserve("late")
  await page.getByText("Stands still while you read").waitFor()
  await page.getByRole("button", { name: "Go on" }).click()
  await page.getByRole("link", { name: id }).waitFor()
  await sizeBecomes("100")
  expect(asked).toBe(1)
})
