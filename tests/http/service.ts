/** The HTTP service over the real engine on an empty database of its own. */
import { expect } from "vitest"
import { openTheatreOver } from "../../src/cli/theatre-parts.ts"
import { openWebhooksOver } from "../../src/cli/webhook-parts.ts"
import type { EventFeed } from "../../src/engine/event-feed.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import type { SinkStore } from "../../src/engine/sink-store.ts"
import { openSinks } from "../../src/engine/sinks.ts"
import { createEventFeed } from "../../src/events/event-feed.ts"
import type { HttpServer } from "../../src/http/http-server.ts"
import { createServer, type ServerOptions } from "../../src/http/server.ts"
import type { Engine } from "../../src/index.ts"
import { createFeedStore } from "../../src/postgres/feed/feed-store.ts"
import { createSinkStore } from "../../src/postgres/sinks/sink-store.ts"
import { createTestEngine, type TestEngine, type TestEngineOptions } from "../support/engine.ts"

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: whatever the service sent; the tests say what it should be
  readonly body: any
}

export interface Call {
  readonly headers?: Readonly<Record<string, string | string[]>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly payload?: string | Buffer
}

export interface TestService extends TestEngine {
  readonly server: HttpServer
  call(
    method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE",
    url: string,
    call?: Call,
  ): Promise<Answer>
}

export interface TestServiceOptions extends TestEngineOptions, Partial<Omit<ServerOptions, "engine">> {
  /** Puts something between the service and the engine. */
  readonly wrap?: (engine: Engine) => Engine
  /** Private networks that webhooks may go to. */
  readonly webhookAllow?: readonly string[] | null
  /** Whether there is a theatre, over the sandbox of the same database. */
  readonly plays?: boolean
}

export async function createTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const {
    wrap = (engine) => engine,
    strategy,
    holds,
    poolSize,
    observer,
    webhookAllow = null,
    plays = false,
    ...serverOptions
  } = options
  const testEngine = await createTestEngine({
    ...(strategy && { strategy }),
    ...(holds && { holds }),
    ...(poolSize && { poolSize }),
    ...(observer && { observer }),
  })
  const stopping = new AbortController()
  const theatre = plays
    ? openTheatreOver({ databaseUrl: testEngine.url, schema: "earmark" }, { stopping: stopping.signal })
    : null
  const server = await createServer({
    readiness: READY,
    theatre,
    webhooks: webhooksOver(testEngine, webhookAllow),
    sinks: openSinks(...sinkParts(testEngine)),
    ...serverOptions,
    engine: wrap(testEngine.engine),
  })
  return {
    ...testEngine,
    server,
    async call(method, url, { headers = {}, body, payload } = {}) {
      const sent = body === undefined ? payload : JSON.stringify(body)
      const response = await server.inject({
        method,
        url,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(sent === undefined ? {} : { payload: sent }),
      })
      return { status: response.statusCode, headers: response.headers, body: parsed(response.body) }
    },
    async close() {
      stopping.abort()
      await server.close()
      await theatre?.close()
      await testEngine.close()
    },
  }
}

/** What a server over this database is given. */
export function webhooksOver(
  { pool }: Pick<TestEngine, "pool">,
  webhookAllow: readonly string[] | null = null,
) {
  return openWebhooksOver(pool, { schema: "earmark", eventSource: "/earmark", webhookAllow })
}

/** What a relay works with. */
export function sinkParts({ pool }: Pick<TestEngine, "pool">): [SinkStore, EventFeed] {
  const database = { pool, schema: "earmark", observer: SILENT_OBSERVER }
  return [createSinkStore(database), createEventFeed(createFeedStore(database), "/earmark")]
}

const READY = () => Promise.resolve({ ready: true, reasons: [] })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The members that every problem document has, less what is said for people. */
export function problem(status: number, code: string, more: object = {}) {
  return {
    status,
    headers: expect.objectContaining({
      "content-type": expect.stringMatching(/^application\/problem\+json/),
    }),
    body: {
      type: `urn:earmark:error:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
      requestId: expect.any(String),
      ...more,
    },
  }
}

/** `invalid_request` with just these pointers. */
export function invalid(...pointers: string[]) {
  const errors = pointers.map((pointer) => ({ pointer, message: expect.any(String) }))
  return problem(400, "invalid_request", { errors })
}
