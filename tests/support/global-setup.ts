/**
 * One real Postgres and one real Redis for the whole run, in temporary folders on free ports; the Postgres with a migrated
 * template database.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { openPool } from "../../src/postgres/connect.ts"
import { migrate } from "../../src/postgres/migrate.ts"
import { startPrivatePostgres } from "../../src/postgres/private/private-postgres.ts"
import { TestRedis } from "./redis-server.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the server's maintenance database. */
    databaseServerUrl: string
    redisUrl: string
  }
}

export const TEMPLATE = "earmark_template"

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "earmark-tests-"))
  // As root the server runs as somebody else, who must be able to reach the folder.
  await chmod(dataDir, 0o755)
  const postgres = await startPrivatePostgres({ dataDir, settings: { max_connections: "300" } })
  await makeTemplate(postgres.url)
  project.provide("databaseServerUrl", postgres.url)
  const redis = await TestRedis.start()
  project.provide("redisUrl", redis.url)
  return async () => {
    await redis.remove()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function makeTemplate(serverUrl: string): Promise<void> {
  const server = openPool({ databaseUrl: serverUrl, max: 1 })
  await server.query(`create database ${TEMPLATE}`)
  await server.end()
  const url = new URL(serverUrl)
  url.pathname = TEMPLATE
  const template = openPool({ databaseUrl: url.href, max: 1 })
  await migrate(template, { schema: "earmark" })
  await template.end()
}
