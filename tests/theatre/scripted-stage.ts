/** A stage without a database: whoever buys is answered as a test says, and what is opened is seen to be closed. */
import type { Seller, Stage } from "../../src/theatre/stage.ts"

export interface ScriptedStage extends Stage {
  readonly steps: readonly string[]
}

export function scriptedStage(script: Partial<Seller & Stage> = {}): ScriptedStage {
  const steps: string[] = []
  let left = 0
  let sold = 0
  const seller: Seller = {
    async supply(_sku, units) {
      left = units
    },
    async buy() {
      if (left === 0) return false
      left -= 1
      sold += 1
      return true
    },
    books: async () => ({ units: sold + left, promised: sold, available: left, brokenLaws: [] }),
    async close() {
      steps.push("seller closed")
    },
    ...script,
  }
  return {
    steps,
    claim: async () => ({
      schema: "scripted",
      async clear() {
        steps.push("cleared")
      },
      async close() {
        steps.push("sandbox closed")
      },
    }),
    openSeller: async () => seller,
    ...script,
  }
}
