/** For a child process. The rest is handed on: a Postgres URL may count on `PGPASSWORD`, for one. */
export function environmentWith(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...settings }
}
