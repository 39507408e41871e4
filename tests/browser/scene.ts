/** The browser and the service that all tests of a file have in common. */
import { afterAll, beforeAll } from "vitest"
import type { TestServiceOptions } from "../http/service.ts"
import { TestBrowser } from "./browser.ts"
import { openShopWindow, type ShopWindow } from "./shop-window.ts"

/** There from the first test on, once `openScene` was called. */
export let browser: TestBrowser
export let window: ShopWindow

/** To be called once at the head of a file, before whatever fills the shop. */
export function openScene(options: TestServiceOptions = {}): void {
  beforeAll(async () => {
    browser = await TestBrowser.start()
    window = await openShopWindow(options)
  })
  afterAll(async () => {
    await browser?.close()
    await window?.close()
  })
}
