import type { TestPage } from "./browser.ts"
import { browser, window } from "./scene.ts"

/** Holds one `MUG`, and opens its page as a shopper sees it, with the countdown running. */
export async function openHold(
  ttlSeconds = 600,
): Promise<{ readonly id: string; readonly opened: TestPage }> {
  const { id } = await window.client.reservations.reserve({
    lines: [{ sku: "MUG", quantity: 1 }],
    ttlSeconds,
  })
  const opened = await browser.open(window.at(`/reservations/${id}`))
  await opened.page.getByRole("timer").filter({ hasText: /\d/ }).waitFor()
  return { id, opened }
}
