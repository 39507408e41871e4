import { findPrivatePostgres } from "earmark/private-postgres"

/** `DATABASE_URL`, or the private Postgres of an `npm start` that runs in another terminal. */
export async function databaseUrl(): Promise<string> {
  const url = process.env["DATABASE_URL"] ?? (await findPrivatePostgres(".earmark"))
  if (url === null) throw new Error("set DATABASE_URL, or run `npm start` in another terminal")
  return url
}
