/** The page of a reservation: what can be done with a hold, and how it ends. */
import { beforeEach, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { openHold } from "./open-hold.ts"
import { openScene, window } from "./scene.ts"

const LIFETIME_SECONDS_MAX = 1_000

openScene({ holds: { lifetimeSecondsMax: LIFETIME_SECONDS_MAX, ttlSecondsMax: 2_000 } })

beforeEach(() => stock(window.engine, "MUG", { BERLIN: 5, PARIS: 5 }))

test("a hold counts down, is extended up to its longest life, and is paid for", async () => {
  const { id, opened } = await openHold()
  const { page } = opened
  expect(await page.title()).toBe("Held · Earmark")
  const before = await page.getByRole("timer").textContent()
  await page
    .getByRole("timer")
    .filter({ hasNotText: before ?? "" })
    .waitFor()
  expect(before).toMatch(/^(9:5\d|10:00)$/)
  await page.getByLabel("More time").selectOption("5 minutes")
  await page.getByRole("button", { name: "Extend" }).click()
  await page.getByText("Extended: the deadline is later now.", { exact: true }).waitFor()
  expect(await page.getByRole("timer").textContent()).toMatch(/^(14:5\d|15:00)$/)
  await page.getByRole("button", { name: "Extend" }).click()
  await page.getByText("It cannot be held for so long").waitFor()
  await page.getByText("422 lifetime_exceeded").waitFor()
  await page.getByLabel("More time").selectOption("12 hours")
  await page.getByRole("button", { name: "Extend" }).click()
  await page.getByText("/ttlSeconds").waitFor()
  await page.getByLabel("More time").selectOption("1 minute")
  await page.getByRole("button", { name: "Extend" }).click()
  await page.getByText(/^1[56]:\d\d$/).waitFor()
  await look(opened, "reservation-held")
  await page.getByRole("button", { name: "Pay and confirm" }).click()
  await page.getByLabel("Reference").fill("order-7")
  await page.getByRole("button", { name: "Pay now" }).click()
  await page.getByRole("heading", { name: "Confirmed: it is yours" }).waitFor()
  await page.getByText("order-7").waitFor()
  expect(await window.client.reservations.get(id)).toMatchObject({ state: "confirmed", reference: "order-7" })
  await page.reload()
  await page.getByRole("heading", { name: "Confirmed: it is yours" }).waitFor()
  expect(await page.title()).toBe("Confirmed · Earmark")
  await look(opened, "reservation-confirmed")
  expectNoComplaints(opened)
})

test("a reload in the middle of a hold goes on counting, and the deadline ends it where it stands", async () => {
  const { opened } = await openHold(4)
  const { page } = opened
  await page.reload()
  await page
    .getByRole("timer")
    .filter({ hasText: /^0:0[0-4]$/ })
    .waitFor()
  // It needs nobody who tells it.
  await page.route("**/v1/reservations/*", (route) => route.abort())
  await page.getByRole("heading", { name: "Expired" }).waitFor()
  await page.unroute("**/v1/reservations/*")
  await page.reload()
  await page.getByRole("heading", { name: "Expired" }).waitFor()
  await look(opened, "reservation-expired")
  await page.getByRole("button", { name: "Reserve the same again" }).click()
  await page.getByRole("timer").waitFor()
  expectNoComplaints(opened)
})
