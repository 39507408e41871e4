/** A real browser, one for a test file, and pages in it that must not complain. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { expect } from "vitest"

/** Debian's, and what others call it; what `npm test` has made sure of. */
const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

export interface TestPage {
  readonly page: Page
  /** What the browser's console said of errors: a page that works says nothing. */
  readonly complaints: string[]
}

export class TestBrowser {
  readonly #browser: Browser

  static async start(): Promise<TestBrowser> {
    return new TestBrowser(await launched())
  }

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  /** A window of its own: nothing is shared with others, be it storage or cookies. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<TestPage> {
    const context = await this.#browser.newContext({ reducedMotion: "reduce", ...options })
    return this.tab(await context.newPage(), url)
  }

  /** A second tab beside this page, with the same storage. */
  async besides({ page }: TestPage, url: string): Promise<TestPage> {
    return this.tab(await page.context().newPage(), url)
  }

  close(): Promise<void> {
    return this.#browser.close()
  }

  private async tab(page: Page, url: string): Promise<TestPage> {
    const complaints: string[] = []
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text())
    })
    page.on("pageerror", (error) => complaints.push(error.message))
    await page.goto(url)
    return { page, complaints }
  }
}

async function launched(): Promise<Browser> {
  let lastError: unknown
  for (const executablePath of PROGRAMS) {
    try {
      // A sandbox needs rights that containers do not give; the pages are our own.
      return await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] })
    } catch (error) {
      lastError = error
    }
  }
  throw new Error("no browser started", { cause: lastError })
}

/** A refusal is no complaint: browsers report each answer from 400 on as an error, whatever a page makes of it. */
export function expectNoComplaints({ complaints }: TestPage): void {
  expect(complaints.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([])
}
