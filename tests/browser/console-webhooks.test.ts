/** Webhooks in the console: added, tried, watched, mended and replayed, with a receiver that is really there. */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { WebhookWorker } from "../../src/events/webhooks/webhook-worker.ts"
import { stock } from "../support/engine.ts"
import { type Receiver, receiver, verified, WebhookLab } from "../support/webhook-lab.ts"
import { expectNoComplaints, TestBrowser } from "./browser.ts"
import { look } from "./look.ts"
import { openShopWindow, type ShopWindow } from "./shop-window.ts"

const HOSTILE = "<img src=x onerror=document.title='taken'>"

let browser: TestBrowser
let window: ShopWindow
let lab: WebhookLab
let worker: WebhookWorker
let endpoint: Receiver
beforeAll(async () => {
  browser = await TestBrowser.start()
  window = await openShopWindow({ webhookAllow: ["127.0.0.1/32"] })
  await stock(window.engine, "MUG", { BERLIN: 1_000 })
  lab = await WebhookLab.over(window)
  worker = lab.worker()
  endpoint = await receiver()
})
afterAll(async () => {
  await browser?.close()
  await lab?.close()
})

async function openWebhook(): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const { data } = await window.client.webhooks.list().page()
  return browser.open(window.at(`/console/webhooks/${data[0]?.id}`))
}

test("without webhooks it says which command adds one", async () => {
  const opened = await browser.open(window.at("/console/webhooks"))
  await opened.page.getByText("npm run earmark -- webhooks add https://shop.example/hooks").waitFor()
  await look(opened, "console-webhooks-empty")
  expectNoComplaints(opened)
})

test("one is added, with what is wrong beside the field, and its secret is shown once", async () => {
  const opened = await browser.open(window.at("/console/webhooks"))
  const { page } = opened
  await page.getByRole("button", { name: "Add a webhook" }).click()
  await page.getByLabel("URL").fill("ftp://shop.example")
  await page.getByLabel("Description").fill(HOSTILE)
  await page.getByRole("button", { name: "Add", exact: true }).click()
  await expect.poll(() => page.getByLabel("URL").getAttribute("aria-invalid")).toBe("true")
  await look(opened, "console-webhook-add")
  await page.getByLabel("URL").fill(endpoint.url)
  await page.getByRole("checkbox", { name: "reservation.held" }).check()
  await page.getByRole("button", { name: "Add", exact: true }).click()
  const secret = page.getByRole("dialog").getByText(/^whsec_/)
  const text = (await secret.textContent()) ?? ""
  await page.getByRole("button", { name: "I have it" }).click()
  await page.getByText(HOSTILE).waitFor()
  expect(await page.content()).not.toContain(text)
  const { data } = await window.client.webhooks.list().page()
  expect(data.map(({ url, types }) => [url, types])).toEqual([[endpoint.url, ["reservation.held"]]])
  await window.client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  await lab.until([worker], () => endpoint.requests.length > 0)
  for (const request of endpoint.requests)
    expect(verified(text, request)).toMatchObject({ type: "reservation.held" })
  await page.getByText("last delivered").waitFor()
  await look(opened, "console-webhooks")
  expect(await page.title()).not.toBe("taken")
  expectNoComplaints(opened)
})

test("a test event is sent, each attempt is told, and it is sent once more", async () => {
  const opened = await openWebhook()
  const { page } = opened
  await page.getByRole("button", { name: "Send a test event" }).click()
  await page.getByText("webhook.test", { exact: true }).waitFor()
  const sent = endpoint.requests.length
  await lab.until([worker], () => endpoint.requests.length > sent)
  const rows = page.getByRole("list", { name: "Deliveries" }).locator(":scope > li")
  await rows.first().getByText("delivered", { exact: true }).waitFor()
  await rows.first().locator("summary").click()
  await rows.first().getByText("status 200").waitFor()
  await look(opened, "console-webhook")
  await rows.first().getByRole("button", { name: "Redeliver" }).click()
  await rows.first().getByText("waiting", { exact: true }).waitFor()
  await lab.until([worker], () => endpoint.requests.length > sent + 1)
  expectNoComplaints(opened)
})

test("what was refused too often is a dead letter, and replayed once the receiver is mended", async () => {
  const opened = await openWebhook()
  const { page } = opened
  endpoint.answer = () => 500
  const { id } = await window.client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  const webhookId = page.url().split("/").at(-1) ?? ""
  await lab.until([worker], async () => {
    await lab.letPausesEnd()
    const { data } = await window.client.webhooks.deliveries(webhookId, { state: "failed" }).page()
    return data.some(({ event }) => event.subject === id)
  })
  await page.getByLabel("State").selectOption("failed")
  await page.waitForURL((url) => url.searchParams.get("state") === "failed")
  const letter = page.getByRole("list", { name: "Deliveries" }).locator(":scope > li").filter({ hasText: id })
  await letter.getByText("11 attempts").waitFor()
  await letter.locator("summary").click()
  await letter.getByText("status 500").first().waitFor()
  expect(await letter.getByText("status 500").count()).toBe(11)
  await look(opened, "console-dead-letters")
  endpoint.answer = () => 200
  const sent = endpoint.requests.length
  await page.getByRole("button", { name: /^Replay/ }).click()
  await page.getByText(/^\d (?:is|are) on the way once more/).waitFor()
  await lab.until([worker], async () => {
    await lab.letPausesEnd()
    return endpoint.requests.length > sent
  })
  expect(endpoint.events().at(-1)).toMatchObject({ type: "reservation.held", subject: id })
  expectNoComplaints(opened)
})

test("it is disabled and enabled, changed, given another secret, and removed", async () => {
  const opened = await openWebhook()
  const { page } = opened
  await page.getByRole("button", { name: "Disable" }).click()
  await page.getByText("disabled", { exact: true }).waitFor()
  expect(await page.getByRole("button", { name: "Send a test event" }).isDisabled()).toBe(true)
  await page.getByRole("button", { name: "Enable" }).click()
  await page.getByRole("button", { name: "Disable" }).waitFor()
  await page.getByRole("button", { name: "Edit" }).click()
  await page.getByLabel("Skus").fill("MUG, CUP")
  await page.getByRole("button", { name: "Change", exact: true }).click()
  await page.getByRole("link", { name: "CUP" }).waitFor()
  await page.getByRole("button", { name: "New secret" }).click()
  await page.getByRole("button", { name: "Make it" }).click()
  await page
    .getByRole("dialog")
    .getByText(/^whsec_/)
    .waitFor()
  await page.getByRole("button", { name: "I have it" }).click()
  await page.getByRole("button", { name: "Remove" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click()
  await page.waitForURL("**/console/webhooks")
  expect((await window.client.webhooks.list().page()).data).toEqual([])
  await page.goBack()
  await page.getByText("There is no such webhook").waitFor()
  expectNoComplaints(opened)
})
