/** Sinks of events in the console: how far each is, and what it refused, handed on again. */
import { beforeAll, expect, test } from "vitest"
import { sinkParts } from "../http/service.ts"
import { stock } from "../support/engine.ts"
import { PickySink, relayOnce } from "../support/picky-sink.ts"
import { expectNoComplaints } from "./browser.ts"
import { look } from "./look.ts"
import { browser, openScene, window } from "./scene.ts"

const HOSTILE = "<b>too large</b>"

openScene()
beforeAll(async () => {
  await stock(window.engine, "MUG", { BERLIN: 1_000 })
})

test("without sinks it says what makes one", async () => {
  const opened = await browser.open(window.at("/console/sinks"))
  await opened.page.getByText("npm run earmark -- webhooks add https://shop.example/hooks").waitFor()
  await look(opened, "console-sinks-empty")
  expectNoComplaints(opened)
})

test("what a sink refused is read with its reason, and handed on again", async () => {
  const parts = sinkParts(window)
  const [sinks, feed] = parts
  const sink = new PickySink()
  sink.reason = HOSTILE
  await sinks.open("kafka", await feed.now())
  for (let sold = 0; sold < 3; sold++) {
    await window.client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  }
  await relayOnce(parts, sink)
  const opened = await browser.open(window.at("/console/sinks"))
  const { page } = opened
  await page.getByRole("list", { name: "Sinks" }).getByText("taking events").waitFor()
  await look(opened, "console-sinks")
  await page.getByRole("link", { name: "3 refused for good" }).click()
  const letters = page.getByRole("list", { name: "Dead letters" }).locator(":scope > li")
  await expect.poll(() => letters.count()).toBe(3)
  await letters.first().getByText(HOSTILE).waitFor()
  await look(opened, "console-dead-events")
  sink.reason = null
  await letters.first().getByRole("button", { name: "Replay" }).click()
  await page.getByText(/^1 will be handed on once more/).waitFor()
  await relayOnce(parts, sink)
  await letters.nth(2).waitFor({ state: "detached" })
  await page.getByRole("button", { name: "Replay all" }).click()
  await page.getByText(/^2 will be handed on once more/).waitFor()
  await relayOnce(parts, sink)
  await page.getByText("No dead letters").waitFor()
  expect(sink.told.map(({ type }) => type)).toEqual(Array(3).fill("reservation.held"))
  expectNoComplaints(opened)
})
