/** One try: a request out, and an answer or the lack of one back. */
import type { Context } from "./context.ts"
import type { PreparedRequest } from "./request.ts"
import { timeLimit } from "./time-limit.ts"
import { parsed, type Trouble, timedOut, troubleOf, unreachable, unreadable } from "./trouble.ts"

export interface Answer {
  readonly kind: "answer"
  readonly headers: Headers
  /** The JSON, or the text where it is another type; undefined when there was nothing. */
  readonly body: unknown
}

export interface SendOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** @throws the reason of the caller's signal, and nothing else */
export async function send(
  { fetch }: Pick<Context, "fetch">,
  { url, init }: PreparedRequest,
  { timeoutMs, signal }: SendOptions,
): Promise<Answer | Trouble> {
  const limit = timeLimit(timeoutMs, signal)
  try {
    const response = await fetch(url, { ...init, signal: limit.signal })
    const text = await response.text()
    return response.ok ? answerOf(response, text) : troubleOf(response, text)
  } catch (cause) {
    signal?.throwIfAborted()
    return limit.hasPassed() ? timedOut("The service did not answer") : unreachable(cause)
  } finally {
    limit.lift()
  }
}

function answerOf(response: Response, text: string): Answer | Trouble {
  const { headers } = response
  if (text === "") return { kind: "answer", headers, body: undefined }
  if (headers.get("content-type")?.startsWith("text/plain")) return { kind: "answer", headers, body: text }
  const body = parsed(text)
  return body === undefined ? unreadable(response) : { kind: "answer", headers, body }
}
