import pg from "pg"
import { openPool } from "../../src/postgres/connect.ts"

/** What a client was asked to send. */
export interface SentStatement {
  readonly name: string
  readonly text: string
}

/** Sees every statement before it is sent; a promise holds it back until it resolves. */
export type Intercept = (statement: SentStatement, client: pg.Client) => Promise<void> | undefined

/** A pool as the engine opens it, except that it sends one statement at a time and each may be held back. */
export function openInterceptedPool(databaseUrl: string, max: number, intercept: Intercept): pg.Pool {
  const plain = openPool({ databaseUrl, max })
  class InterceptedClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const send = this.query.bind(this) as (...words: unknown[]) => unknown
      const intercepted = (...words: unknown[]) => {
        const held = intercept(statementOf(words[0]), this)
        return held === undefined ? send(...words) : held.then(() => send(...words))
      }
      this.query = intercepted as typeof this.query
    }
  }
  // Not the engine's class: what is no PipelinedClient is sent a statement at a time.
  const pool = new pg.Pool({ ...plain.options, Client: InterceptedClient })
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}

/** `earmark_lock_levels_1a2b3c4d` is called `lock_levels`; a statement without a name, by its text. */
function statementOf(query: unknown): SentStatement {
  if (typeof query === "string") return { name: query, text: query }
  const { name, text } = query as { name?: string; text: string }
  const [, short] = /^earmark_(.+?)(?:_[0-9a-f]{8})?$/.exec(name ?? "") ?? []
  return { name: short ?? text, text }
}
