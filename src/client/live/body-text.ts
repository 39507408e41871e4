import type { TimeLimit } from "../time-limit.ts"

export interface BodyTextOptions {
  /** Passes when nothing comes for so long while it is being waited for. */
  readonly limit: Pick<TimeLimit, "restart" | "lift">
  readonly silenceMsMax: number
}

/**
 * The text of an answer that has no end of its own. Reads no more than is asked for: what a slow caller has not taken stays
 * in the network, and the service learns of it.
 */
export async function* bodyText(
  body: ReadableStream<Uint8Array>,
  { limit, silenceMsMax }: BodyTextOptions,
): AsyncGenerator<string, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    limit.restart(silenceMsMax)
    const { done, value } = await reader.read()
    limit.lift()
    if (done) return
    yield decoder.decode(value, { stream: true })
  }
}
