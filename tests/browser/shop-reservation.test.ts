/** The page of a reservation: what can be done with a hold, and what is seen when somebody else does it. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints, TestBrowser, type TestPage } from "./browser.ts"
import { look } from "./look.ts"
import { openShopWindow, type ShopWindow } from "./shop-window.ts"

const LIFETIME_SECONDS_MAX = 1_000

let browser: TestBrowser
let window: ShopWindow
beforeAll(async () => {
  browser = await TestBrowser.start()
  window = await openShopWindow({ holds: { lifetimeSecondsMax: LIFETIME_SECONDS_MAX, ttlSecondsMax: 2_000 } })
})
afterAll(async () => {
  await browser?.close()
  await window?.close()
})

beforeEach(() => stock(window.engine, "MUG", { BERLIN: 5, PARIS: 5 }))

test("a hold counts down, is extended up to its longest life, and is paid for", async () => {
  const { id, opened } = await openHold()
  const { page } = opened
  expect(await page.title()).toBe("Held · Earmark")
  const before = await page.getByRole("timer").textContent()
  await expect.poll(() => page.getByRole("timer").textContent()).not.toBe(before)
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
  await page.getByText("must be at most 2000").waitFor()
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
  expect(await page.getByRole("timer").textContent()).toMatch(/^0:0[0-4]$/)
  await page.getByRole("heading", { name: "Expired" }).waitFor()
  await page.reload()
  await page.getByRole("heading", { name: "Expired" }).waitFor()
  await page.getByRole("button", { name: "Reserve the same again" }).click()
  await page.getByRole("timer").waitFor()
  expectNoComplaints(opened)
})

test("what an operator does shows by itself, and so does that it is too late for the rest", async () => {
  const released = await openHold()
  await window.client.reservations.release(released.id, { reason: "fraud" })
  await released.opened.page.getByRole("heading", { name: "Cancelled" }).waitFor()
  const confirmed = await openHold()
  await confirmed.opened.page.getByRole("button", { name: "Cancel" }).click()
  await window.client.reservations.confirm(confirmed.id)
  await confirmed.opened.page.getByText("It was confirmed meanwhile").waitFor()
  await confirmed.opened.page.getByRole("button", { name: "Cancel it" }).click()
  await confirmed.opened.page.getByText("It is confirmed already").waitFor()
  const extended = await openHold(60)
  await window.client.reservations.extend(extended.id, { ttlSeconds: 900 })
  await extended.opened.page.getByText(/^1[45]:\d\d$/).waitFor()
  for (const { opened } of [released, confirmed, extended]) expectNoComplaints(opened)
})

test("a reservation that was revoked, and one that never was, are told apart", async () => {
  const opened = await browser.open(window.at("/reservations/rsv_nothing"))
  const { page } = opened
  await page.getByRole("heading", { name: "There is no such reservation" }).waitFor()
  await page.route("**/v1/reservations/rsv_revoked", (route) =>
    route.fulfill({ status: 410, contentType: "application/problem+json", body: JSON.stringify(REVOKED) }),
  )
  await page.goto(window.at("/reservations/rsv_revoked"))
  await page.getByRole("heading", { name: "This reservation could not be kept" }).waitFor()
  expect(await page.title()).toBe("Revoked · Earmark")
  expectNoComplaints(opened)
})

const REVOKED = {
  type: "urn:earmark:error:reservation_revoked",
  title: "The reservation was provisional and could not be kept",
  status: 410,
  detail: "rsv_revoked was revoked.",
  code: "reservation_revoked",
  requestId: "1",
}

async function openHold(ttlSeconds = 600): Promise<{ readonly id: string; readonly opened: TestPage }> {
  const { id } = await window.client.reservations.reserve({
    lines: [{ sku: "MUG", quantity: 1 }],
    ttlSeconds,
  })
  const opened = await browser.open(window.at(`/reservations/${id}`))
  await opened.page.getByRole("timer").waitFor()
  return { id, opened }
}
