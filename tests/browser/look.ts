/** What a page looks like, in both themes and both widths, and whether everybody can use it. */
import { mkdir } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { AxeBuilder } from "@axe-core/playwright"
import { expect } from "vitest"
import type { TestPage } from "./browser.ts"

/** Not in git; CONTRIBUTING.md says where to look. */
const FOLDER = fileURLToPath(new URL("../../screenshots", import.meta.url))
const NARROW_PX = 360
const WIDE_PX = 1440
const HEIGHT_PX = 900
const SCHEMES = ["light", "dark"] as const
/** What axe calls serious or worse keeps somebody from using the page. */
const SERIOUS = new Set<string | null | undefined>(["serious", "critical"])

/**
 * Takes `screenshots/NAME-WIDTH-SCHEME.png` of the page as it is now. Axe looks at it narrow in light and wide in dark, which
 * is each once. Nothing of the page may stick out at the side.
 */
export async function look({ page }: TestPage, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  for (const width of [NARROW_PX, WIDE_PX]) {
    await page.setViewportSize({ width, height: HEIGHT_PX })
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: `${FOLDER}/${name}-${width}-${colorScheme}.png`, fullPage: true })
      if ((width === NARROW_PX) !== (colorScheme === "light")) continue
      const { violations } = await new AxeBuilder({ page }).analyze()
      const serious = violations.filter(({ impact }) => SERIOUS.has(impact))
      const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
      expect(found, `${name}, ${width} px, ${colorScheme}`).toEqual([])
    }
    const widthOfAll = await page.evaluate("document.documentElement.scrollWidth")
    expect(widthOfAll, `${name} sticks out at ${width} px`).toBe(width)
  }
}
