/** What is asked for is reserved once, whatever happens on the way. */
import { beforeEach, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const RESERVATIONS = "**/v1/reservations"

openScene()

let sku = ""
let made = 0
beforeEach(async () => {
  made += 1
  sku = `MUG-${made}`
  await stock(window.engine, sku, { BERLIN: 3, PARIS: 4 })
})

test("a double click reserves once", async () => {
  const shopper = await browser.open(window.at("/"))
  const { page } = shopper
  const keys: (string | undefined)[] = []
  const clicked = Promise.withResolvers<void>()
  await page.route(RESERVATIONS, async (route) => {
    keys.push(route.request().headers()["idempotency-key"])
    await clicked.promise
    await route.continue()
  })
  await page.getByRole("button", { name: `Reserve now: ${sku}` }).dblclick()
  clicked.resolve()
  await page.getByRole("timer").waitFor()
  expect(new Set(keys).size).toBe(1)
  expect(await reservedOf(sku)).toBe(1)
  expectNoComplaints(shopper)
})

test("a reload in the middle of reserving leaves one reservation, and the page finds it", async () => {
  const shopper = await browser.open(window.at("/"))
  const { page } = shopper
  const arrived = Promise.withResolvers<void>()
  // It is carried out, and its answer never comes.
  await page.route(RESERVATIONS, async (route) => {
    await route.fetch()
    arrived.resolve()
  })
  await page.getByRole("button", { name: `Reserve now: ${sku}` }).click()
  await arrived.promise
  await page.reload()
  // Not before: a request that waits would be let through.
  await page.unroute(RESERVATIONS)
  await page.getByText("Your last reservation was not answered").waitFor()
  await look(shopper, "shop-unanswered")
  await page.getByRole("button", { name: "Ask again" }).click()
  await page.getByRole("timer").waitFor()
  await page.getByText("It was reserved the first time already.", { exact: true }).waitFor()
  expect(await reservedOf(sku)).toBe(1)
  expectNoComplaints(shopper)
})

test("when no answer arrives at all the same attempt is sent again; another basket is another attempt", async () => {
  const shopper = await browser.open(window.at("/"))
  const { page } = shopper
  await page.getByRole("button", { name: `Add to basket: ${sku}` }).click()
  await page.getByRole("link", { name: "Basket, 1 unit" }).click()
  const keys: (string | undefined)[] = []
  await page.route(RESERVATIONS, async (route) => {
    keys.push(route.request().headers()["idempotency-key"])
    await route.fetch()
    await route.abort("connectionreset")
  })
  const reserveAll = page.getByRole("button", { name: "Reserve all of it" })
  await reserveAll.click()
  await page.getByText("Your last reservation was not answered").waitFor()
  await reserveAll.click()
  await page.getByRole("button", { name: "Reserving ..." }).waitFor()
  await page.getByText("Your last reservation was not answered").waitFor()
  expect(new Set(keys).size).toBe(1)
  expect(await reservedOf(sku)).toBe(1)
  await page.unroute(RESERVATIONS)
  await page.getByRole("button", { name: "One more" }).click()
  await reserveAll.click()
  await page.getByRole("timer").waitFor()
  expect(await reservedOf(sku)).toBe(1 + 2)
  expectNoComplaints(shopper)
})

/** Units that are held of it. */
async function reservedOf(item: string): Promise<number> {
  return (await window.client.stock.get(item)).held
}
