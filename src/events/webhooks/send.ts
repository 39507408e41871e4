/** One attempt to deliver one message to one endpoint. What came of it is a value, whatever the endpoint does. */
import type { Dispatcher } from "undici"
import type { AttemptAnswer, AttemptResult } from "./attempt-result.ts"
import { EndpointFailure, failureOf } from "./endpoint-failure.ts"
import { EndpointPools } from "./endpoint-pools.ts"
import { parseEndpointUrl } from "./endpoint-url.ts"
import type { ConnectorOptions } from "./guarded-connector.ts"
import { readExcerpt } from "./response-excerpt.ts"
import { parseRetryAfter } from "./retry-after.ts"
import { type SigningSecret, signatureHeaders } from "./sign.ts"

/** Standard Webhooks suggests 15 to 30 s: receivers are to answer first and work afterwards. */
const TIMEOUT_MS = 15_000

export interface SenderOptions extends Omit<ConnectorOptions, "timeoutMs"> {
  /** Bounds an attempt, from looking up the name to the end of the answer. */
  readonly timeoutMs?: number
  /** Names the service to its receivers, as `earmark/1.0.0`. */
  readonly userAgent: string
  /** For the timestamp that is signed; receivers compare it with their own clock. */
  readonly nowMs?: () => number
}

export interface Endpoint {
  readonly id: string
  readonly url: string
  /** All that its receiver may know at present. */
  readonly secrets: readonly [SigningSecret, ...SigningSecret[]]
}

export interface WebhookMessage {
  /** The same for every attempt. */
  readonly id: string
  readonly contentType: string
  readonly body: string
}

export interface WebhookSender {
  send(endpoint: Endpoint, message: WebhookMessage): Promise<AttemptResult>
  /** Resolves when the attempts under way are over; none may follow. */
  close(): Promise<void>
}

type BoundedOptions = SenderOptions & { readonly timeoutMs: number }

/** What is sent. Signed and sent are the same bytes, also of a text that is no well-formed Unicode. */
interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What is known of an attempt while it runs. */
interface Answered {
  status: number | null
  excerpt: string
}

export function openSender(given: SenderOptions): WebhookSender {
  const options: BoundedOptions = { timeoutMs: TIMEOUT_MS, ...given }
  const pools = new EndpointPools(options)
  return {
    async send(endpoint, message) {
      const startedMs = performance.now()
      const request = signed(message, endpoint, options)
      const answered: Answered = { status: null, excerpt: "" }
      const result = await attempt(endpoint, request, { options, pools, answered }).catch(failureOf)
      return { ...result, ...answered, durationMs: Math.round(performance.now() - startedMs) }
    },
    close: () => pools.close(),
  }
}

function signed(
  message: WebhookMessage,
  { secrets }: Endpoint,
  { userAgent, nowMs = Date.now }: SenderOptions,
): SignedRequest {
  const body = Buffer.from(message.body)
  const timestampSeconds = Math.floor(nowMs() / 1000)
  const headers = {
    "content-type": message.contentType,
    "user-agent": userAgent,
    ...signatureHeaders({ id: message.id, timestampSeconds, body }, secrets),
  }
  return { headers, body }
}

async function attempt(
  endpoint: Endpoint,
  request: SignedRequest,
  context: { readonly options: BoundedOptions; readonly pools: EndpointPools; readonly answered: Answered },
): Promise<AttemptAnswer> {
  const { options, pools, answered } = context
  const { guard, timeoutMs, nowMs = Date.now } = options
  const url = parseEndpointUrl(endpoint.url, guard)
  if ("problem" in url) throw new EndpointFailure("refused_address", `the URL ${url.problem}`)
  const bound = new AbortController()
  const timer = setTimeout(() => {
    bound.abort(new EndpointFailure("timeout", `no complete answer within ${timeoutMs} ms`))
  }, timeoutMs)
  try {
    const response = await pools.of(endpoint.id, url.value).request({
      ...request,
      method: "POST",
      path: url.value.pathname + url.value.search,
      signal: bound.signal,
    })
    answered.status = response.statusCode
    answered.excerpt = await readExcerpt(response.body)
    return answerOf(response, nowMs())
  } finally {
    clearTimeout(timer)
  }
}

function answerOf(
  { statusCode, headers }: Pick<Dispatcher.ResponseData, "statusCode" | "headers">,
  nowMs: number,
): AttemptAnswer {
  if (statusCode >= 200 && statusCode < 300) return { kind: "delivered" }
  if (statusCode === 410) return { kind: "gone" }
  const { "retry-after": retryAfter, date } = headers
  return { kind: "rejected", retryAfterSeconds: parseRetryAfter({ retryAfter, date }, nowMs) }
}
