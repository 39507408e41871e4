/** The theatre as it is watched: the broken seller is seen to be wrong, the engine's strategies are seen not to be. */
import { beforeAll, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints, type TestPage } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"
import { openShopWindow } from "./shop-window.ts"

openScene({ plays: true })
beforeAll(async () => {
  await stock(window.engine, "MUG", { BERLIN: 7 })
})

/** Fills the form in and starts a sale. */
async function start({ page }: TestPage, strategy: string, buyers = 1_000): Promise<void> {
  await page.getByLabel("Units", { exact: true }).fill("50")
  await page.getByLabel("Buyers", { exact: true }).fill(String(buyers))
  await page.getByRole("radio", { name: strategy }).check()
  await page.getByRole("button", { name: "Start" }).click()
}

/** What stands under a figure's name. */
async function figure({ page }: TestPage, name: string): Promise<number> {
  const value = page
    .locator("dl > div")
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator("dd")
  return Number((await value.first().textContent())?.replaceAll(",", ""))
}

test("the broken seller promises what is not there, the engine does not, and both can be compared", async () => {
  const opened = await browser.open(window.at("/theatre"))
  const { page } = opened
  await page.getByText("The curtain is down").waitFor()
  await look(opened, "theatre-before")

  await start(opened, "Broken on purpose")
  await page.getByText("a promise that nobody can keep").waitFor()
  const oversold = await figure(opened, "Oversold")
  expect(oversold).toBeGreaterThan(0)
  expect(await figure(opened, "Sold")).toBe(50)
  await page.getByText(`The database has ${50 + oversold} units promised of the 50 that there are`).waitFor()
  await look(opened, "theatre-broken")

  await start(opened, "Batched")
  await page.getByText("Nothing was promised twice").waitFor()
  await page.getByText("Every law holds.").waitFor()
  expect(await figure(opened, "Oversold")).toBe(0)
  expect(await figure(opened, "Refused")).toBe(950)
  await look(opened, "theatre-batched")

  const rows = page.getByRole("table").getByRole("row")
  expect(await rows.count()).toBe(3)
  const cells = await rows.nth(1).getByRole("cell").allTextContents()
  expect(cells.slice(0, 4)).toEqual(["50", "1,000", "50", "0"])
  expectNoComplaints(opened)
  // Real stock is what it was.
  expect(await window.client.stock.get("MUG")).toMatchObject({ available: 7, held: 0 })
})

test("a sale is watched by all who look, goes on over a reload, and can be stopped", async () => {
  const opened = await browser.open(window.at("/theatre"))
  await start(opened, "Row lock", 20_000)
  await opened.page.getByText("running", { exact: true }).waitFor()
  const other = await browser.open(window.at("/theatre"))
  await other.page.getByText("Row lock: 20,000 buyers").waitFor()
  await opened.page.reload()
  await opened.page.getByText("Row lock: 20,000 buyers").waitFor()
  await opened.page.getByRole("button", { name: "Stop" }).click()
  for (const { page } of [opened, other]) {
    await page.getByText("It was stopped before everybody had asked.").waitFor()
    await page.getByText("Nothing was promised twice").waitFor()
  }
  expectNoComplaints(opened)
})

test("stopping ends what was to come too", async () => {
  const opened = await browser.open(window.at("/theatre"))
  const { page } = opened
  await page.getByLabel("Buyers", { exact: true }).fill("20000")
  await page.getByRole("button", { name: "Broken, then batched" }).click()
  await page.getByText("running", { exact: true }).waitFor()
  await page.getByRole("button", { name: "Stop" }).click()
  await page.getByText("It was stopped before everybody had asked.").waitFor()
  // Nothing is waited for any more.
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached", timeout: 3_000 })
  expectNoComplaints(opened)
})

test("who comes back sees the last sale", async () => {
  const opened = await browser.open(window.at("/theatre"))
  const { page } = opened
  await start(opened, "Optimistic", 300)
  await page.getByText("Nothing was promised twice").waitFor()
  await page.getByRole("link", { name: "Shop" }).click()
  await page.getByRole("heading", { name: "What you reserve here" }).waitFor()
  await page.getByRole("link", { name: "Theatre" }).click()
  await page.getByText("Optimistic: 300 buyers").waitFor()
  expectNoComplaints(opened)
})

test("a sale that the service has forgotten is not said to be running", async () => {
  const opened = await browser.open(window.at("/theatre"))
  const { page } = opened
  const sale = await window.client.theatre.start({ units: 5, buyers: 5, strategy: "batched" })
  await window.client.theatre.stop(sale.id)
  const gone = {
    code: "sale_not_found",
    status: 404,
    title: "There is no such sale",
    detail: "",
    requestId: "1",
  }
  let asked = 0
  await page.route("**/v1/theatre/sales/*/stream", (route) => {
    asked += 1
    const running = JSON.stringify({ ...sale, state: "running" })
    return asked === 1
      ? route.fulfill({ contentType: "text/event-stream", body: `event: sale\ndata: ${running}\n\n` })
      : route.fulfill({ status: 404, contentType: "application/problem+json", json: gone })
  })
  await start(opened, "Batched", 200)
  await page.getByText("running", { exact: true }).waitFor()
  await page.getByText("There is no such sale").waitFor()
  expect(await page.getByText("running", { exact: true }).count()).toBe(0)
  expectNoComplaints(opened)
})

test("what is out of bounds is said beside it, and nothing starts", async () => {
  const opened = await browser.open(window.at("/theatre"))
  const { page } = opened
  for (const units of ["", "0", "-1", "1.5", "1e3", "10001", "many"]) {
    await page.getByLabel("Units", { exact: true }).fill(units)
    await page.getByText("A whole number from 1 to 10,000").waitFor()
    expect(await page.getByRole("button", { name: "Start" }).isDisabled(), units).toBe(true)
  }
  await look(opened, "theatre-wrong-input")
})

test("where it is turned off, the page says what turns it on", async () => {
  const closed = await openShopWindow()
  const opened = await browser.open(closed.at("/theatre"))
  await opened.page.getByText("The theatre is closed here").waitFor()
  await opened.page.getByText("EARMARK_THEATRE=1 npm run earmark -- serve").waitFor()
  await look(opened, "theatre-closed")
  expectNoComplaints(opened)
  await closed.close()
})
