import type { Trouble } from "../trouble.ts"
import type { LiveAvailability } from "../wire.ts"

/** What has come over a connection and was not taken yet: of each item the latest, and in the end why there is no more. */
export class Latest {
  readonly #bySku = new Map<string, LiveAvailability>()
  #end: Trouble | null = null
  #wake = () => {}

  put(availability: LiveAvailability): void {
    this.#bySku.set(availability.sku, availability)
    this.#wake()
  }

  /** The first reason counts. */
  end(trouble: Trouble): void {
    this.#end ??= trouble
    this.#wake()
  }

  async take(): Promise<LiveAvailability | Trouble> {
    for (;;) {
      const [next] = this.#bySku.values()
      if (next !== undefined) {
        this.#bySku.delete(next.sku)
        return next
      }
      if (this.#end !== null) return this.#end
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
