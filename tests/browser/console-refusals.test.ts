/** "Why was this refused?", answered with what is in the way and until when. */
import { beforeAll, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

openScene()
beforeAll(async () => {
  await stock(window.engine, "MUG", { BERLIN: 1 })
})

function link(lines: unknown): string {
  return window.at(`/console/refusals?lines=${encodeURIComponent(JSON.stringify(lines))}`)
}

test("nothing is asked at first; what is wrong with a line is said at it", async () => {
  const opened = await browser.open(window.at("/console/refusals"))
  const { page } = opened
  await page.getByText("Nothing is asked yet").waitFor()
  await look(opened, "console-refusals-empty")
  await page.getByLabel("Sku", { exact: true }).fill("no such thing")
  await page.getByRole("button", { name: "Explain" }).click()
  await page.getByText("must be 1 to").waitFor()
  await page.getByLabel("Sku", { exact: true }).fill("NOTHING")
  await page.getByRole("button", { name: "Explain" }).click()
  await page.getByText("There is no such item").waitFor()
  expectNoComplaints(opened)
})

test("a refusal names who holds the unit and until when, and leads there", async () => {
  const { client } = window
  const held = await client.reservations.reserve({
    customerId: "c-7",
    lines: [{ sku: "MUG", quantity: 1 }],
    ttlSeconds: 900,
  })
  const opened = await browser.open(link([{ sku: "MUG", quantity: 1, location: "BERLIN" }]))
  const { page } = opened
  await page.getByText("It would be refused now.").waitFor()
  expect(await page.getByLabel("Sku", { exact: true }).inputValue()).toBe("MUG")
  const holders = page.getByRole("list", { name: "Who holds units at BERLIN" })
  await holders.getByRole("link", { name: "c-7" }).waitFor()
  expect(await holders.locator(`time[datetime="${held.expiresAt}"]`).count()).toBe(1)
  await page.getByText("There is enough from").waitFor()
  await look(opened, "console-refusal")
  await holders.getByRole("link", { name: held.id }).click()
  await page.waitForURL(`**/console/reservations/${held.id}`)
  await page.goBack()
  await client.reservations.release(held.id)
  await page.getByText("It would be reserved now.").waitFor()
  expectNoComplaints(opened)
})

test("lines are added and taken out, and are in the address", async () => {
  const { page } = await browser.open(link([{ sku: "MUG", quantity: 5 }, "no line", { sku: 7 }]))
  await page.getByText("more has to be received").waitFor()
  await page.getByRole("button", { name: "Add a line" }).click()
  await page.getByLabel("Sku", { exact: true }).nth(1).fill("MUG")
  await page.getByRole("button", { name: "Remove line 1" }).click()
  await page.getByRole("button", { name: "Explain" }).click()
  await page.getByText("It would be reserved now.").waitFor()
  expect(JSON.parse(new URL(page.url()).searchParams.get("lines") ?? "")).toEqual([
    { sku: "MUG", quantity: 1 },
  ])
})
