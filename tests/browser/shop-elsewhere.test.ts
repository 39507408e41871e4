/** The page of a reservation while somebody else does something with it, and of one that is not there. */
import { beforeEach, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { openHold } from "./open-hold.ts"
import { browser, openScene, window } from "./scene.ts"

openScene()

beforeEach(() => stock(window.engine, "MUG", { BERLIN: 5, PARIS: 5 }))

test("what an operator does shows by itself, and so does that it is too late for the rest", async () => {
  const released = await openHold()
  await window.client.reservations.release(released.id, { reason: "fraud" })
  await released.opened.page.getByRole("heading", { name: "Cancelled" }).waitFor()
  await look(released.opened, "reservation-cancelled")
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

test("where the browser keeps its clipboard to itself, an id is not said to be copied", async () => {
  const { id } = await window.client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  const shopper = await browser.open(window.at(`/reservations/${id}`))
  const { page } = shopper
  await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden'))")
  await page.getByRole("button", { name: id }).click()
  await page.getByRole("timer").waitFor()
  expect(await page.getByText("copied", { exact: true }).count()).toBe(0)
  expectNoComplaints(shopper)
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
