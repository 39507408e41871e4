/** Events as they happen in the console: filtered, paused, opened, and none missing after the connection was lost. */
import { beforeAll, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const HOSTILE = "<b onclick=alert(1)>till</b>"
/** Reservations that are made and given back at once, several times as many as any screen shows. */
const BURST = 150
/** A port that nobody listens on. */
const NOBODY = 1

openScene()
beforeAll(async () => {
  await stock(window.engine, "MUG", { BERLIN: 10_000 })
  await stock(window.engine, "CUP", { OSLO: 10_000 })
})

function reserve(sku: string, actor = "till-7") {
  return window.client.reservations.reserve({ lines: [{ sku, quantity: 1 }] }, { actor })
}

/** The page, once it is told of what happens. */
async function follow(path: string, origin = window.listensOn) {
  const connected = "/v1/events/stream"
  const opened = await browser.open("about:blank")
  await Promise.all([
    opened.page.waitForResponse((response) => response.url().includes(connected)),
    opened.page.goto(origin + path),
  ])
  return { ...opened, rows: opened.page.getByRole("list", { name: "Events" }).locator(":scope > li") }
}

test("an event is there as it happens, opens to all of it, and leads to what it is about", async () => {
  const opened = await follow("/console/events")
  const { page, rows } = opened
  await page.getByText("Nothing has happened since").waitFor()
  await look(opened, "console-events-empty")
  const { id } = await reserve("MUG", HOSTILE)
  await rows.getByText("reservation.held", { exact: true }).waitFor()
  await rows.getByText(`${HOSTILE}, `).waitFor()
  await rows.locator("summary").click()
  await page.getByText('"specversion": "1.0"').waitFor()
  await look(opened, "console-events")
  await page.getByRole("link", { name: id }).click()
  await page.waitForURL(`**/console/reservations/${id}`)
  expectNoComplaints(opened)
})

test("while it is paused nothing moves, and it says how many came", async () => {
  const { page, rows } = await follow("/console/events")
  await reserve("MUG")
  await expect.poll(() => rows.count()).toBe(1)
  await page.getByRole("button", { name: "Pause" }).click()
  await reserve("MUG")
  await reserve("MUG")
  await page.getByText("Paused, 2 since").waitFor()
  expect(await rows.count()).toBe(1)
  await page.getByRole("button", { name: "Resume" }).click()
  await expect.poll(() => rows.count()).toBe(3)
})

test("filters are in the address, and outlive a reload", async () => {
  const { page, rows } = await follow("/console/events?sku=CUP")
  await reserve("MUG")
  const { id } = await reserve("CUP")
  await rows.getByRole("link", { name: id }).waitFor()
  expect(await rows.count()).toBe(1)
  await page.getByLabel("Type").selectOption("reservation.released")
  await page.waitForURL((url) => url.searchParams.get("type") === "reservation.released")
  await expect.poll(() => rows.count()).toBe(0)
  await Promise.all([
    page.waitForResponse((response) => response.url().includes("/v1/events/stream?sku=CUP")),
    page.reload(),
  ])
  expect(await page.getByLabel("Type").inputValue()).toBe("reservation.released")
  await window.client.reservations.release(id)
  await rows.getByText("reservation.released", { exact: true }).waitFor()
  expect(await rows.count()).toBe(1)
})

test("a burst is in the list to the last event, of which the page has those that are seen", async () => {
  const { page, rows } = await follow("/console/events")
  const all = Array.from({ length: BURST }, async () => {
    const { id } = await reserve("MUG")
    await window.client.reservations.release(id)
  })
  await Promise.all(all)
  await expect.poll(() => rows.first().getAttribute("aria-setsize")).toBe(String(2 * BURST))
  expect(await rows.count()).toBeLessThan(40)
  await page.evaluate("scrollTo(0, 2000)")
  await page.getByText("Paused, 0 since").waitFor()
})

test("what cannot be followed is said, and not that nothing happens", async () => {
  const { page } = await browser.open(window.at("/console/events?sku=a%20b"))
  await page.getByRole("alert").getByText("The request is not valid").waitFor()
  await page.getByText("Not followed").waitFor()
  expect(await page.getByText("Nothing has happened since").count()).toBe(0)
})

test("a tab that is not seen keeps no connection, and misses nothing", async () => {
  const { page, rows } = await follow("/console/events")
  await reserve("MUG")
  await expect.poll(() => rows.count()).toBe(1)
  const isSeen = (seen: boolean) =>
    page.evaluate(
      `Object.defineProperty(document, "hidden", { configurable: true, get: () => ${!seen} });
       document.dispatchEvent(new Event("visibilitychange"))`,
    )
  const isStream = (request: { url(): string }) => request.url().includes("/v1/events/stream")
  await Promise.all([page.waitForEvent("requestfailed", isStream), isSeen(false)])
  await reserve("MUG")
  await reserve("MUG")
  expect(await rows.count()).toBe(1)
  await isSeen(true)
  await expect.poll(() => rows.count()).toBe(3)
})

test("after the connection was lost it goes on where it was", async () => {
  const proxy = await TcpProxy.forTest(window.port)
  const { page, rows } = await follow("/console/events", proxy.url("http"))
  await reserve("MUG")
  await expect.poll(() => rows.count()).toBe(1)
  proxy.target = NOBODY
  proxy.cutAnswers()
  await page.getByText("No connection to the service").waitFor()
  const { id } = await reserve("MUG")
  proxy.target = window.port
  await rows.getByRole("link", { name: id }).waitFor()
  expect(await rows.count()).toBe(2)
  await page.getByText("No connection to the service").waitFor({ state: "hidden" })
})
