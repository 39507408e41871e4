import { findPrivatePostgres } from "earmark/private-postgres"

/** `DATABASE_URL`, or the private Postgres of an `npm start` that runs in another terminal. */
export async function databaseUrl(): Promise<string> {
  const dataDir = process.env["EARMARK_DATA_DIR"] || ".earmark"
  const url = process.env["DATABASE_URL"] || (await findPrivatePostgres(dataDir))
  if (url !== null) return url
  throw new Error(
    `no private Postgres is running in ${dataDir}: run \`npm start\` in another terminal, or set DATABASE_URL`,
  )
}
