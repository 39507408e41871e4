/** The client with pauses that are noted down instead of waited for, and endpoints that answer what a test says. */
import type { Socket } from "node:net"
import { onTestFinished } from "vitest"
import { type Client, clientOver } from "../../src/client/create-client.ts"
import type { ClientOptions, Retry } from "../../src/client/index.ts"
import { pause } from "../../src/client/pause.ts"
import { type EndpointServer, type ReceivedRequest, startEndpoint } from "./endpoint-server.ts"

/** What is really waited for at most: enough for others to have their turn. */
const PAUSE_MS_MAX = 10

export interface TestClient extends Client {
  /** Each pause that was asked for, in milliseconds. */
  readonly pauses: readonly number[]
  readonly retries: readonly Retry[]
}

/** Chance is always the middle: with `backoffMs` 200 the first pause is 100 ms. */
export function testClient(baseUrl: string, options: Partial<ClientOptions> = {}): TestClient {
  const pauses: number[] = []
  const retries: Retry[] = []
  const client = clientOver(
    { baseUrl, onRetry: (retry) => retries.push(retry), ...options },
    {
      random: () => 0.5,
      pause(ms, signal) {
        pauses.push(ms)
        return pause(Math.min(ms, PAUSE_MS_MAX), signal)
      },
    },
  )
  return { ...client, pauses, retries }
}

/** One answer; null: none, ever. */
export type Scripted = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
} | null

/** An endpoint that gives these answers in turn, and the last one for ever. */
export async function scripted(...answers: readonly Scripted[]): Promise<EndpointServer & { url: string }> {
  let given = 0
  const server = await startEndpoint((socket) => {
    const answer = answers[Math.min(given, answers.length - 1)] ?? null
    given += 1
    if (answer !== null) respond(socket, answer)
  })
  onTestFinished(() => server.close())
  return { ...server, url: `http://127.0.0.1:${server.port}` }
}

export function respond(socket: Socket, { status, headers = {}, body = "" }: NonNullable<Scripted>): void {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const lines = Object.entries({
    "content-type": status < 400 ? "application/json" : "application/problem+json",
    "content-length": String(Buffer.byteLength(text)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  socket.write([`HTTP/1.1 ${status} Scripted`, ...lines, "", text].join("\r\n"))
}

/** A problem document as the service sends it. */
export function problemAnswer(status: number, code: string, headers: Record<string, string> = {}): Scripted {
  const body = {
    type: `urn:earmark:error:${code}`,
    title: "A title",
    status,
    detail: "A detail.",
    code,
    requestId: "r-1",
  }
  return { status, headers, body }
}

export function keysOf(requests: readonly ReceivedRequest[]): (string | undefined)[] {
  return requests.map(({ headers }) => headers["idempotency-key"])
}

/** What a promise rejects with; undefined when it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return undefined
  } catch (error) {
    return error
  }
}
