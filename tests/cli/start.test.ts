import { once } from "node:events"
import { connect, createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { expect, test } from "vitest"
import { findPrivatePostgres } from "../../src/postgres/private/private-postgres.ts"
import { call, launch, launchNpm, listening, makeDataDir, postmasterOf, run } from "./earmark-process.ts"

const LAST_MUG = { lines: [{ sku: "CERAMIC-MUG", quantity: 1, location: "LAX" }] }

test("start serves the demo shop, stops as a whole, and has the data at the next start", async () => {
  const dataDir = await makeDataDir()
  const settings = { EARMARK_DATA_DIR: dataDir }
  const first = await listening(["start"], settings)
  const reserved = await call(`${first.url}/v1/reservations`, LAST_MUG)
  expect(reserved.status).toBe(201)
  expect((await call(`${first.url}/v1/reservations`, LAST_MUG)).status).toBe(409)
  expect((await call(`${first.url}/v1/theatre`)).status).toBe(200)
  const pid = await postmasterOf(dataDir)
  expect(() => process.kill(pid ?? 0, 0)).not.toThrow()

  const { exitCode, stdout, stderr } = await first.stop()
  expect([exitCode, stdout]).toEqual([0, `Earmark listens on ${first.url}\n`])
  expect(stderr).toContain("filled the empty database with the demo catalogue")
  expect(() => process.kill(pid ?? 0, 0)).toThrow()
  await expect(fetch(first.url)).rejects.toThrow()

  const second = await listening(["start"], settings)
  const kept = await call(`${second.url}/v1/reservations/${reserved.body["id"]}`)
  expect([kept.status, kept.body["state"]]).toEqual([200, "held"])
  expect((await second.stop()).stderr).not.toContain("demo catalogue")
})

test("start --json prints JSON, and EARMARK_DEMO=0 leaves the database empty", async () => {
  const running = launch(["start", "--json"], {
    EARMARK_DATA_DIR: await makeDataDir(),
    PORT: "0",
    EARMARK_DEMO: "0",
  })
  await running.saw('{"url":')
  const { url } = JSON.parse(running.stdout()) as { url: string }
  expect((await call(`${url}/v1/items`)).body["data"]).toEqual([])
  running.child.kill("SIGINT")
  expect((await running.ended()).exitCode).toBe(0)
})

test("beside a running start: a second start says so, and the other commands find the database", async () => {
  const dataDir = await makeDataDir()
  const settings = { EARMARK_DATA_DIR: dataDir }
  const service = await listening(["start"], settings)

  const second = await run(["start"], { ...settings, PORT: "0" })
  expect([second.exitCode, second.stdout]).toEqual([1, ""])
  expect(second.stderr).toMatch(/^earmark: .*another.*$/im)
  expect(second.stderr).not.toContain("    at ")

  await call(`${service.url}/v1/reservations`, LAST_MUG)
  const verified = await run(["verify", "--json"], settings)
  const reports = JSON.parse(verified.stdout) as { id: string; holds: boolean }[]
  expect([verified.exitCode, reports.filter(({ holds }) => !holds)]).toEqual([0, []])
  expect(reports.length).toBeGreaterThan(5)

  const seeded = await run(["seed", "--json"], settings)
  expect(JSON.parse(seeded.stdout)).toEqual({ locations: 3, items: 6, filled: [] })
  expect(await run(["migrate"], settings)).toEqual({
    exitCode: 0,
    stdout: "",
    stderr: "the database is up to date\n",
  })
  expect((await service.stop()).exitCode).toBe(0)
})

test("killed, it takes its folder up again at the next start, with everything that was acknowledged", async () => {
  const dataDir = await makeDataDir()
  const first = await listening(["start"], { EARMARK_DATA_DIR: dataDir })
  const { body } = await call(`${first.url}/v1/reservations`, LAST_MUG)
  first.child.kill("SIGKILL")
  await first.ended()

  const second = await listening(["start"], { EARMARK_DATA_DIR: dataDir })
  expect((await call(`${second.url}/v1/reservations/${body["id"]}`)).body["state"]).toBe("held")
  expect((await second.stop()).exitCode).toBe(0)
  expect(await postmasterOf(dataDir)).toBeNull()
})

test("npm start that is stopped stops all of it, whatever its shell does with the signal", async () => {
  const dataDir = await makeDataDir()
  const npm = launchNpm(["start"], { EARMARK_DATA_DIR: dataDir, PORT: "0" })
  await npm.saw("Earmark listens on ")
  const url = /listens on (\S+)/.exec(npm.stdout())?.[1] ?? ""
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  npm.child.kill("SIGTERM")
  await npm.saw("earmark: stopped")
  await npm.ended()
  expect(await postmasterOf(dataDir)).toBeNull()
  await expect(fetch(url)).rejects.toThrow()
})

test("a port that is taken is one sentence, and the private Postgres is stopped again", async () => {
  const dataDir = await makeDataDir()
  const taken = createServer().listen(0, "127.0.0.1")
  const port = await new Promise<number>((resolve) => {
    taken.once("listening", () => resolve((taken.address() as { port: number }).port))
  })
  try {
    const { exitCode, stdout, stderr } = await run(["start"], { EARMARK_DATA_DIR: dataDir, PORT: `${port}` })
    expect([exitCode, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(new RegExp(`^earmark: .*${port}.*taken`, "im"))
    expect(stderr).not.toContain("    at ")
    expect(await postmasterOf(dataDir)).toBeNull()
  } finally {
    taken.close()
  }
})

test("SIGTERM while it starts stops it again, and is no failure", async () => {
  const dataDir = await makeDataDir()
  const running = launch(["start"], { EARMARK_DATA_DIR: dataDir, PORT: "0" })
  await running.saw("starting the private Postgres")
  running.child.kill("SIGTERM")
  const { exitCode, stdout } = await running.ended()
  expect([exitCode, stdout]).toEqual([0, ""])
  expect(await postmasterOf(dataDir)).toBeNull()
})

test("after SIGTERM nothing is accepted any more, and what was is answered", async () => {
  const dataDir = await makeDataDir()
  const service = await listening(["start"], { EARMARK_DATA_DIR: dataDir })
  const blocker = await blockLevels(dataDir)
  const answer = call(`${service.url}/v1/reservations`, LAST_MUG)
  await blocker.someoneWaits()
  service.child.kill("SIGTERM")
  await service.saw("stopping (SIGTERM)")
  await expect(fetch(`${service.url}/livez`)).rejects.toThrow()
  await blocker.unblock()
  expect((await answer).status).toBe(201)
  expect((await service.ended()).exitCode).toBe(0)
})

test("a connection that says nothing, or half a request, does not hold up the stop", async () => {
  const dataDir = await makeDataDir()
  const service = await listening(["start"], { EARMARK_DATA_DIR: dataDir })
  const port = Number(new URL(service.url).port)
  const sockets = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")]
  await Promise.all(sockets.map((socket) => once(socket, "connect")))
  const head = "POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
  sockets[1]?.write(`${head}Content-Length: 50\r\n\r\n{`)
  await fetch(`${service.url}/livez`)
  const beganMs = performance.now()
  expect((await service.stop()).exitCode).toBe(0)
  expect(performance.now() - beganMs).toBeLessThan(4000)
  expect(await postmasterOf(dataDir)).toBeNull()
  for (const socket of sockets) socket.destroy()
})

test("a second Ctrl-C does not wait for anything", async () => {
  const dataDir = await makeDataDir()
  const service = await listening(["start"], { EARMARK_DATA_DIR: dataDir })
  const blocker = await blockLevels(dataDir)
  const answer = call(`${service.url}/v1/reservations`, LAST_MUG).catch(() => "cut off")
  await blocker.someoneWaits()
  service.child.kill("SIGINT")
  await service.saw("stopping (SIGINT)")
  // Sooner it counts as the same press, which the terminal and npm have both passed on.
  await sleep(700)
  service.child.kill("SIGINT")
  const { exitCode, stderr } = await service.ended()
  expect(exitCode).toBe(1)
  expect(stderr).toContain("stopped at once")
  await expect.poll(() => postmasterOf(dataDir), { timeout: 10_000 }).toBeNull()
  await blocker.unblock()
  expect(await answer).toBe("cut off")
})

test.each([
  ["an error that nobody caught", "throw new Error('planted')"],
  ["a rejection that nobody caught", "Promise.reject(new Error('planted'))"],
])("%s is logged, stops everything and is a failure", async (_case, fault) => {
  const dataDir = await makeDataDir()
  const planted = encodeURIComponent(`process.on("SIGUSR2", () => { ${fault} })`)
  const settings = { EARMARK_DATA_DIR: dataDir, NODE_OPTIONS: `--import=data:text/javascript,${planted}` }
  const service = await listening(["start"], settings)
  service.child.kill("SIGUSR2")
  const { exitCode, stdout } = await service.ended()
  expect(exitCode).toBe(1)
  const [, log = ""] = stdout.split("\n")
  expect(JSON.parse(log)).toMatchObject({ level: "fatal", err: { message: "planted" } })
  expect(await postmasterOf(dataDir)).toBeNull()
})

/** A foreign session that sits on every stock level. */
async function blockLevels(dataDir: string) {
  const url = (await findPrivatePostgres(dataDir)) ?? ""
  const client = new pg.Client({ connectionString: url })
  const watcher = new pg.Client({ connectionString: url })
  for (const session of [client, watcher]) {
    session.on("error", () => {})
    await session.connect()
  }
  await client.query("begin")
  await client.query("select from earmark.stock_levels for update")
  return {
    async someoneWaits() {
      const waiting = "select from pg_locks where not granted"
      while ((await watcher.query(waiting)).rowCount === 0) await sleep(5)
    },
    async unblock() {
      await client.query("rollback").catch(() => {})
      await Promise.all([client.end(), watcher.end()])
    },
  }
}
