/** Text from elsewhere stays text, whatever is in it and wherever the shop shows it. */
import { expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const MARKUP = '<img src=x onerror="document.title=1">'
const SCRIPT = "</script><script>document.title=2</script>{{7*7}}"
const LONG = "W".repeat(255)

openScene()

test("hostile names, descriptions, pictures and locations are shown as they are written", async () => {
  const { client, engine } = window
  await stock(engine, "constructor", { BERLIN: 3, toString: 2 })
  await client.items.put("constructor", {
    name: MARKUP,
    description: SCRIPT,
    imageUrl: "http://127.0.0.1:1/'><script>document.title=3</script>.png",
  })
  await stock(engine, "hasOwnProperty", { BERLIN: 1 })
  await client.items.put("hasOwnProperty", { name: LONG, description: LONG })
  await client.locations.put("BERLIN", { name: MARKUP, priority: 1 })
  const shopper = await browser.open(window.at("/"))
  const { page } = shopper
  await page.getByRole("heading", { name: MARKUP }).waitFor()
  await page.getByText(SCRIPT).waitFor()
  await look(shopper, "shop-hostile")
  await page.getByRole("button", { name: `Add to basket: ${MARKUP}` }).click()
  await page.getByRole("link", { name: "Basket, 1 unit" }).click()
  await page.getByRole("link", { name: MARKUP }).waitFor()
  await page.getByRole("button", { name: "Reserve all of it" }).click()
  await page.getByText(`from ${MARKUP}`).waitFor()
  expect(await page.title()).toBe("Held · Earmark")
  expect(await page.locator("main img[src=x]").count()).toBe(0)
  expectNoComplaints(shopper)
})

test("hostile addresses and what lies in storage do no harm", async () => {
  const shopper = await browser.open(window.at(`/?q=${encodeURIComponent(SCRIPT)}`))
  const { page } = shopper
  await page.getByText(`Nothing here is called "${SCRIPT}"`).waitFor()
  await page.goto(window.at(`/reservations/${encodeURIComponent(SCRIPT)}`))
  await page.getByRole("heading", { name: "There is no such reservation" }).waitFor()
  await page.evaluate(
    `localStorage.setItem("earmark.basket", '[{"sku":"no/such?sku","quantity":2},{"sku":7},null,{"sku":"hasOwnProperty","quantity":-1}]');
    sessionStorage.setItem("earmark.attempt", '{"key":1,"basket":{"lines":"x"}}')`,
  )
  await page.goto(window.at("/basket"))
  await page.evaluate(
    `sessionStorage.setItem("earmark.attempt", '{"key":"1","basket":{"lines":[null]},"isOfBasket":true}')`,
  )
  await page.reload()
  await page.getByText("There is no such item any more.").waitFor()
  expect(await page.getByRole("list", { name: "Lines" }).getByRole("listitem").count()).toBe(1)
  await page.getByRole("button", { name: "Reserve all of it" }).click()
  await page.getByRole("alert").getByText("The request is not valid").waitFor()
  expectNoComplaints(shopper)
})
