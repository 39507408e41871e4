/** The service goes away and comes back: the pages say so, keep what they know, and go on by themselves. */
import { expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

/** Nothing listens there. */
const NOWHERE = 1
const LOST = "No connection to the service."

openScene()

test("items and a hold stay on their pages while the service is away, and are true again when it is back", async () => {
  const { client, engine, port } = window
  await stock(engine, "MUG", { BERLIN: 5 })
  const { id } = await client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  const proxy = await TcpProxy.forTest(port)
  const shopper = await browser.open(`${proxy.url("http")}/`)
  const holder = await browser.besides(shopper, `${proxy.url("http")}/reservations/${id}`)
  const card = shopper.page.locator("[data-sku=MUG]")
  await card.getByText("4 available").waitFor()
  await holder.page.getByRole("timer").waitFor()
  proxy.target = NOWHERE
  proxy.cutAnswers()
  for (const { page } of [shopper, holder]) await page.getByText(LOST).waitFor()
  await client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 2 }] })
  await client.reservations.confirm(id)
  await card.getByText("4 available").waitFor()
  await holder.page.getByRole("timer").waitFor()
  await look(shopper, "shop-offline")
  await look(holder, "reservation-offline")
  proxy.target = port
  await card.getByText("2 available").waitFor()
  await holder.page.getByRole("heading", { name: "Confirmed: it is yours" }).waitFor()
  for (const { page } of [shopper, holder]) await page.getByText(LOST).waitFor({ state: "detached" })
  expectNoComplaints(holder)
})

test("a payment that is not answered can be made again, and counts once", async () => {
  const { client, engine } = window
  await stock(engine, "KETTLE", { BERLIN: 5 })
  const { id } = await client.reservations.reserve({ lines: [{ sku: "KETTLE", quantity: 2 }] })
  const shopper = await browser.open(window.at(`/reservations/${id}`))
  const { page } = shopper
  await page.getByRole("button", { name: "Pay and confirm" }).click()
  await page.route("**/confirm", (route) => route.abort("connectionreset"))
  await page.getByRole("button", { name: "Pay now" }).click()
  await page.getByText("Doing it again is safe").waitFor()
  await page.unroute("**/confirm")
  await page.getByRole("button", { name: "Pay now" }).click()
  await page.getByRole("heading", { name: "Confirmed: it is yours" }).waitFor()
  expect(await client.stock.get("KETTLE")).toMatchObject({ onHand: 3, held: 0 })
  expectNoComplaints(shopper)
})
