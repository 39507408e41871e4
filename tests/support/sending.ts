/** Webhook senders and the endpoints that they send to, on this machine. */

import { addressGuard } from "../../src/events/webhooks/address-guard.ts"
import type { AttemptResult } from "../../src/events/webhooks/attempt-result.ts"
import { openSender, type SenderOptions, type WebhookSender } from "../../src/events/webhooks/send.ts"
import { generateSecret, parseSecret } from "../../src/events/webhooks/sign.ts"
import { type EndpointServer, startEndpoint } from "./endpoint-server.ts"

export const SECRET = generateSecret()
export const MESSAGE = { id: "evt_1", contentType: "application/json", body: '{"a":1}' }

/** For what ends by itself: far more than it takes, so that nothing but the end is seen. */
export const LONG_MS = 30_000
/** For what only the bound ends. */
export const SHORT_MS = 300

const parsed = parseSecret(SECRET)
if ("problem" in parsed) throw new Error(parsed.problem)
export const secrets = [parsed.value] as const

const servers: EndpointServer[] = []
const senders: WebhookSender[] = []

/** The servers first: a sender waits for their answers. */
export async function closeAll(): Promise<void> {
  for (const one of [...servers.splice(0), ...senders.splice(0)]) await one.close()
}

/** One that may send to 127.0.0.1. */
export function senderWith(options: Partial<SenderOptions> = {}): WebhookSender {
  const guard = addressGuard(["127.0.0.1/32"])
  const sender = openSender({ guard, userAgent: "earmark/test", timeoutMs: LONG_MS, ...options })
  senders.push(sender)
  return sender
}

export async function endpoint(...parameters: Parameters<typeof startEndpoint>): Promise<EndpointServer> {
  const server = await startEndpoint(...parameters)
  servers.push(server)
  return server
}

/** One attempt of a sender of its own. */
export async function sendOnce(url: string, options: Partial<SenderOptions> = {}): Promise<AttemptResult> {
  return await senderWith(options).send({ id: "wh_1", url, secrets }, MESSAGE)
}

export async function portOfNobody(): Promise<number> {
  const server = await startEndpoint(() => {})
  await server.close()
  return server.port
}

export function response(status: number, headers: readonly string[] = [], body = ""): string {
  const head = [`HTTP/1.1 ${status} Whatever`, `content-length: ${Buffer.byteLength(body)}`, ...headers]
  return `${head.join("\r\n")}\r\n\r\n${body}`
}
