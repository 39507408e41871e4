import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Client } from "pg"
import { afterEach, describe, expect, test, vi } from "vitest"
import { StartError } from "../../core/errors.ts"
import { findBinaries } from "./binaries.ts"
import { findClusterFolder } from "./cluster.ts"
import { stopPostmaster } from "./postmaster.ts"
import { isAlive, readPostmasterFile } from "./postmaster-file.ts"
import { findPrivatePostgres, type PrivatePostgres, startPrivatePostgres } from "./private-postgres.ts"

const isRoot = process.getuid?.() === 0
const OWNER = new URL("../../../tests/support/private-postgres-owner.ts", import.meta.url).pathname

// Servers start in half a second, and much more slowly beside everything else that a busy machine runs.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const folders: string[] = []
const children: ChildProcess[] = []

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-private-postgres-"))
  folders.push(folder)
  // mkdtemp's 700 would make root keep the cluster elsewhere.
  await chmod(folder, 0o755)
  return folder
}

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
  const binaries = await findBinaries(null)
  for (const folder of folders.splice(0)) {
    const cluster = join(folder, "postgres")
    const file = await readPostmasterFile(cluster)
    if (file !== null && isAlive(file.pid)) await stopPostmaster(cluster, file.pid, binaries)
    await rm(folder, { recursive: true, force: true })
  }
})

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  client.on("error", () => {})
  await client.connect()
  try {
    return (await client.query<{ value: unknown }>(sql)).rows.map((row) => row.value)
  } finally {
    await client.end().catch(() => {})
  }
}

async function fillTable(url: string): Promise<void> {
  await query(url, "create table kept (value int)")
  await query(url, "insert into kept values (7)")
}

async function startError(started: Promise<PrivatePostgres>): Promise<string> {
  const error = await started.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StartError)
  return (error as StartError).message
}

async function killOwner(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL")
  await once(child, "exit")
}

async function pidOf(dataDir: string): Promise<number> {
  const file = await readPostmasterFile(join(dataDir, "postgres"))
  if (file === null) throw new Error(`No server runs in ${dataDir}`)
  return file.pid
}

/** A process of the user that Postgres runs as, which Postgres would therefore take for another server. */
async function spawnBystander(dataDir: string, cwd = "/"): Promise<ChildProcess> {
  const { uid, gid } = await stat(join(dataDir, "postgres"))
  const child = spawn("sleep", ["60"], isRoot ? { cwd, uid, gid } : { cwd })
  children.push(child)
  await once(child, "spawn")
  return child
}

async function spawnOwner(dataDir: string): Promise<{ child: ChildProcess; url: string; pid: number }> {
  const child = spawn(process.execPath, [OWNER, dataDir], { stdio: ["ignore", "pipe", "inherit"] })
  children.push(child)
  const [line] = (await once(child.stdout, "data")) as [Buffer]
  const [url, pid] = line.toString().trim().split(" ")
  return { child, url: url ?? "", pid: Number(pid) }
}

describe("one process", () => {
  test("a new folder gives a server that answers, with safe settings and a private password", async () => {
    const dataDir = join(await makeFolder(), "not", "there", "yet")
    const said: string[] = []
    const postgres = await startPrivatePostgres({
      dataDir,
      settings: { work_mem: "5MB" },
      log: (m) => said.push(m),
    })
    try {
      expect(postgres.url).toMatch(/^postgres:\/\/earmark:[\w-]{32}@127\.0\.0\.1:\d+\/earmark$/)
      expect(postgres).toMatchObject({ version: "18.4", adopted: false })
      expect(said).toEqual(["making a new database cluster", "starting Postgres"])
      expect(await query(postgres.url, "select 1 as value")).toEqual([1])
      const shown = async (name: string) =>
        (await query(postgres.url, `select current_setting('${name}') as value`))[0]
      expect(await shown("work_mem")).toBe("5MB")
      expect(await shown("listen_addresses")).toBe("127.0.0.1")
      expect(await shown("unix_socket_directories")).toBe("")
      for (const name of ["fsync", "synchronous_commit", "full_page_writes"])
        expect(await shown(name)).toBe("on")
      expect((await stat(join(dataDir, "postgres", "earmark-password"))).mode & 0o777).toBe(0o600)
      expect((await readdir(dataDir)).sort()).toEqual(["postgres", "postgres.log"])
      const wrong = postgres.url.replace(/earmark:[^@]+@/, "earmark:wrong@")
      await expect(query(wrong, "select 1")).rejects.toMatchObject({ code: "28P01" })
    } finally {
      await postgres.stop()
    }
  })

  test("stop leaves the data, a second stop is harmless, and the next start finds the data", async () => {
    const dataDir = await makeFolder()
    const first = await startPrivatePostgres({ dataDir })
    await fillTable(first.url)
    const pid = await pidOf(dataDir)
    await Promise.all([first.stop(), first.stop()])
    expect(isAlive(pid)).toBe(false)
    const second = await startPrivatePostgres({ dataDir })
    expect(second.adopted).toBe(false)
    expect(await query(second.url, "select value from kept")).toEqual([7])
    await second.stop()
    await first.stop()
  })

  test("a killed owner and a killed postmaster are recovered from at the next start", async () => {
    const dataDir = await makeFolder()
    const owner = await spawnOwner(dataDir)
    await fillTable(owner.url)
    await killOwner(owner.child)
    process.kill(owner.pid, "SIGKILL")
    await expect.poll(() => isAlive(owner.pid), { timeout: 10_000 }).toBe(false)
    const said: string[] = []
    const second = await startPrivatePostgres({ dataDir, log: (message) => said.push(message) })
    expect(said).toContain("recovering the database after a crash")
    expect(await query(second.url, "select value from kept")).toEqual([7])
    await second.stop()
  })

  test("a start is tried again while a killed postmaster's backend is still busy", async () => {
    const dataDir = await makeFolder()
    const owner = await spawnOwner(dataDir)
    // Postgres does not look for its postmaster while it computes.
    const until = "clock_timestamp() > statement_timestamp() + interval '700 ms'"
    const busy = query(owner.url, `do $$ begin loop exit when ${until}; end loop; end $$`).catch(() => {})
    const working = "select pid as value from pg_stat_activity where state = 'active' and query like 'do %'"
    await expect.poll(() => query(owner.url, working)).toHaveLength(1)
    await killOwner(owner.child)
    process.kill(owner.pid, "SIGKILL")
    const said: string[] = []
    const second = await startPrivatePostgres({ dataDir, log: (message) => said.push(message) })
    expect(new Set(said).size).toBe(said.length)
    // Which of the two Postgres says depends on whether somebody reaps the orphan that was killed.
    const refused = /pre-existing shared memory block|lock file "postmaster.pid" already exists/
    expect(await readFile(join(dataDir, "postgres.log"), "utf8")).toMatch(refused)
    await second.stop()
    await busy
  })

  test("a postmaster that dies under its owner is started again at the same url", async () => {
    const dataDir = await makeFolder()
    const postgres = await startPrivatePostgres({ dataDir })
    await fillTable(postgres.url)
    const pid = await pidOf(dataDir)
    process.kill(pid, "SIGKILL")
    const kept = () => query(postgres.url, "select value from kept").catch(() => [])
    await expect.poll(kept, { timeout: 15_000 }).toEqual([7])
    expect(await pidOf(dataDir)).not.toBe(pid)
    expect(await startError(startPrivatePostgres({ dataDir }))).toContain("in use")
    await postgres.stop()
    expect(await findPrivatePostgres(dataDir)).toBeNull()
  })

  test("stop while a dead server is being started again leaves nothing running", async () => {
    const dataDir = await makeFolder()
    const postgres = await startPrivatePostgres({ dataDir })
    process.kill(await pidOf(dataDir), "SIGKILL")
    await expect.poll(() => findPrivatePostgres(dataDir).catch(() => null)).toBeNull()
    await postgres.stop()
    const left = await readPostmasterFile(join(dataDir, "postgres"))
    expect(left === null || !isAlive(left.pid)).toBe(true)
  })

  // Only Linux tells what a process works on; elsewhere Postgres refuses, and names the file to remove.
  test.runIf(process.platform === "linux")(
    "a pid file left over whose pid is another process now (only on Linux)",
    async () => {
      const dataDir = await makeFolder()
      const first = await startPrivatePostgres({ dataDir })
      await fillTable(first.url)
      const file = join(dataDir, "postgres", "postmaster.pid")
      const left = await readFile(file, "utf8")
      await first.stop()
      const bystander = await spawnBystander(dataDir)
      await writeFile(file, left.replace(/^\d+/, `${bystander.pid}`))
      const second = await startPrivatePostgres({ dataDir })
      expect(await query(second.url, "select value from kept")).toEqual([7])
      await second.stop()
      expect(bystander.exitCode ?? bystander.signalCode).toBeNull()
    },
  )

  test("a server that serves another folder is neither taken over nor stopped", async () => {
    const [dataDir, copyDir] = [await makeFolder(), await makeFolder()]
    await (await startPrivatePostgres({ dataDir })).stop()
    await cp(dataDir, copyDir, { recursive: true })
    const other = await startPrivatePostgres({ dataDir: copyDir })
    const bystander = await spawnBystander(dataDir, join(dataDir, "postgres"))
    const left = await readFile(join(copyDir, "postgres", "postmaster.pid"), "utf8")
    const file = join(dataDir, "postgres", "postmaster.pid")
    await writeFile(file, left.replace(/^\d+/, `${bystander.pid}`))
    expect(await findPrivatePostgres(dataDir)).toBeNull()
    await rm(file)
    const postgres = await startPrivatePostgres({ dataDir })
    expect(postgres.url).not.toBe(other.url)
    await postgres.stop()
    expect(await query(other.url, "select 1 as value")).toEqual([1])
    await other.stop()
  })

  test("a killed process's half-made cluster is removed once it is old, and not before", async () => {
    const dataDir = await makeFolder()
    const [old, young] = [join(dataDir, "postgres.new-old"), join(dataDir, "postgres.new-young")]
    await mkdir(old)
    await mkdir(young)
    const elevenMinutesAgo = Date.now() / 1000 - 11 * 60
    await utimes(old, elevenMinutesAgo, elevenMinutesAgo)
    const postgres = await startPrivatePostgres({ dataDir })
    await postgres.stop()
    expect((await readdir(dataDir)).sort()).toEqual(["postgres", "postgres.log", "postgres.new-young"])
  })

  test("findPrivatePostgres gives the url while the server runs, and null before and after", async () => {
    const dataDir = await makeFolder()
    expect(await findPrivatePostgres(dataDir)).toBeNull()
    expect(await findPrivatePostgres(join(dataDir, "absent"))).toBeNull()
    const postgres = await startPrivatePostgres({ dataDir })
    expect(await findPrivatePostgres(dataDir)).toBe(postgres.url)
    await postgres.stop()
    expect(await findPrivatePostgres(dataDir)).toBeNull()
  })
})

describe("stopNow", () => {
  test("tells the server to stop and does not wait, also after it was revived, and harms nobody later", async () => {
    const dataDir = await makeFolder()
    const postgres = await startPrivatePostgres({ dataDir })
    await fillTable(postgres.url)
    process.kill(await pidOf(dataDir), "SIGKILL")
    const kept = () => query(postgres.url, "select value from kept").catch(() => [])
    await expect.poll(kept, { timeout: 15_000 }).toEqual([7])
    const pid = await pidOf(dataDir)
    postgres.stopNow()
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    expect(await readPostmasterFile(join(dataDir, "postgres"))).toBeNull()
    const next = await startPrivatePostgres({ dataDir })
    postgres.stopNow()
    expect(await query(next.url, "select value from kept")).toEqual([7])
    await postgres.stop()
    await next.stop()
  })
})

describe("several processes", () => {
  test("a second start in the same folder is refused while the first goes on", async () => {
    const dataDir = await makeFolder()
    const first = await startPrivatePostgres({ dataDir })
    const message = await startError(startPrivatePostgres({ dataDir }))
    expect(message).toContain(`${dataDir} is in use by another running Earmark`)
    expect(message).toContain(`pid ${await pidOf(dataDir)}`)
    expect(await query(first.url, "select 1 as value")).toEqual([1])
    await first.stop()
  })

  test.each(["new", "old"])(
    "of three simultaneous starts in a folder that is %s exactly one wins",
    async (age) => {
      const dataDir = await makeFolder()
      if (age === "old") await (await startPrivatePostgres({ dataDir })).stop()
      const started = await Promise.allSettled([1, 2, 3].map(() => startPrivatePostgres({ dataDir })))
      const winners = started.filter((result) => result.status === "fulfilled")
      const losers = started.filter((result) => result.status === "rejected")
      expect(losers.map(({ reason }) => String(reason)).join("\n")).toMatch(
        /^(StartError: .* in use by another .*\n?){2}$/,
      )
      expect(winners).toHaveLength(1)
      const winner = winners[0]?.value
      expect(await query(winner?.url ?? "", "select 1 as value")).toEqual([1])
      await winner?.stop()
      expect((await readdir(dataDir)).sort()).toEqual(["postgres", "postgres.log"])
      expect(await findPrivatePostgres(dataDir)).toBeNull()
    },
  )

  test("a start during another one's stop waits for it and then has a server of its own", async () => {
    const dataDir = await makeFolder()
    const first = await startPrivatePostgres({ dataDir })
    await fillTable(first.url)
    const [, second] = await Promise.all([first.stop(), startPrivatePostgres({ dataDir })])
    expect(second.adopted).toBe(false)
    expect(await query(second.url, "select value from kept")).toEqual([7])
    await second.stop()
  })

  test("the server of a killed process is taken over with its data, and stops with its new owner", async () => {
    const dataDir = await makeFolder()
    const owner = await spawnOwner(dataDir)
    await fillTable(owner.url)
    await killOwner(owner.child)
    expect(isAlive(owner.pid)).toBe(true)
    const said: string[] = []
    const postgres = await startPrivatePostgres({ dataDir, log: (message) => said.push(message) })
    expect(said).toEqual(["taking over the server that a killed process left running"])
    expect(postgres).toMatchObject({ adopted: true, url: owner.url })
    expect(await pidOf(dataDir)).toBe(owner.pid)
    expect(await query(postgres.url, "select value from kept")).toEqual([7])
    await postgres.stop()
    expect(await readPostmasterFile(join(dataDir, "postgres"))).toBeNull()
  })

  test("nothing keeps a process alive after stop", async () => {
    const { child, pid } = await spawnOwner(await makeFolder())
    child.kill("SIGTERM")
    const [code] = await once(child, "exit", { signal: AbortSignal.timeout(5_000) })
    expect(code).toBe(0)
    expect(isAlive(pid)).toBe(false)
  })

  test("the owner stays the owner when Postgres restarts its backends after a crash of one", async () => {
    const dataDir = await makeFolder()
    const first = await startPrivatePostgres({ dataDir })
    const crashing = "select pid as value from pg_locks where locktype = 'advisory'"
    const [backend] = await query(first.url, crashing)
    process.kill(Number(backend), "SIGKILL")
    await expect.poll(() => query(first.url, crashing).catch(() => []), { timeout: 10_000 }).toHaveLength(1)
    expect(await startError(startPrivatePostgres({ dataDir }))).toContain("in use")
    await first.stop()
    expect(await findPrivatePostgres(dataDir)).toBeNull()
  })
})

describe("as root", () => {
  test.runIf(isRoot)(
    "a data folder that the unprivileged user cannot reach keeps its cluster elsewhere (only as root)",
    async () => {
      const parent = await makeFolder()
      await chmod(parent, 0o700)
      const dataDir = join(parent, "data")
      const said: string[] = []
      const first = await startPrivatePostgres({ dataDir, log: (message) => said.push(message) })
      const location = await findClusterFolder(dataDir)
      try {
        expect(location).toMatch(/^\/var\/lib\/earmark\/data-[0-9a-f]{12}$/)
        expect(said[0]).toContain(`keeping the database in ${location}`)
        await fillTable(first.url)
        expect(await findPrivatePostgres(dataDir)).toBe(first.url)
        await first.stop()
        const second = await startPrivatePostgres({ dataDir })
        expect(await query(second.url, "select value from kept")).toEqual([7])
        await second.stop()
      } finally {
        await first.stop()
        await rm(location, { recursive: true, force: true })
      }
    },
  )
})
