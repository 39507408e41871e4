/** The Postgres that is measured: the one named by DATABASE_URL, or a private one in a temporary folder. */
import { randomUUID } from "node:crypto"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startPrivatePostgres } from "earmark/private-postgres"
import pg from "pg"

export interface MeasuredServer {
  readonly url: string
  /** What the report says about it. */
  readonly description: string
  query(sql: string): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

export async function openServer(): Promise<MeasuredServer> {
  const given = process.env["DATABASE_URL"]
  const started = given === undefined ? await startTemporary() : { url: given, stop: async () => {} }
  const client = new pg.Client({ connectionString: started.url })
  await client.connect()
  const query = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows
  const [row] = await query(`
    select current_setting('server_version') as version, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as synchronous_commit, current_setting('shared_buffers') as shared_buffers`)
  return {
    url: started.url,
    description: Object.entries(row ?? {})
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
    query,
    async stop() {
      await client.end()
      await started.stop()
    },
  }
}

/** A schema of its own for each contender, so that none inherits another's dead rows. */
export function freshSchema(): string {
  return `earmark_bench_${randomUUID().slice(0, 8)}`
}

async function startTemporary(): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "earmark-bench-"))
  // As root the server runs as somebody else, who must be able to reach the folder.
  await chmod(dataDir, 0o755)
  const postgres = await startPrivatePostgres({ dataDir })
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
