/** A sale as server-sent events: each is the whole of it, so that whoever joins late or missed some has everything. */
import type { SaleView } from "../../engine/theatre.ts"
import { saleToWire } from "../theatre-wire.ts"

/** What a browser waits before it connects again: a sale is short. */
const RETRY_MS = 500

/** Each view is written once, however many look. */
const frames = new WeakMap<SaleView, string>()

export async function* saleChunks(views: AsyncIterable<SaleView>): AsyncGenerator<string, void> {
  yield `retry: ${RETRY_MS}\n\n`
  for await (const view of views) yield frameOf(view)
}

function frameOf(view: SaleView): string {
  const written = frames.get(view)
  if (written !== undefined) return written
  const frame = `event: sale\ndata: ${JSON.stringify(saleToWire(view))}\n\n`
  frames.set(view, frame)
  return frame
}
