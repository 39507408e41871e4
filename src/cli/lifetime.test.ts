import { afterEach, expect, test, vi } from "vitest"
import { EXIT_FAILED, EXIT_OK } from "./command.ts"
import { Lifetime, runUntilStopped } from "./lifetime.ts"

const SILENT = { say: () => {}, onFault: () => {} }

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test("what was opened last is closed first, each once", async () => {
  const closed: string[] = []
  const lifetime = new Lifetime()
  for (const name of ["database", "pool", "server"]) lifetime.onClose(async () => closed.push(name))
  expect(await lifetime.close()).toEqual([])
  await lifetime.close()
  expect(closed).toEqual(["server", "pool", "database"])
})

test("what fails to close does not keep the rest open", async () => {
  const closed: string[] = []
  const lifetime = new Lifetime()
  const fault = new Error("stuck")
  lifetime.onClose(async () => closed.push("database"))
  lifetime.onClose(async () => {
    throw fault
  })
  expect(await lifetime.close()).toEqual([fault])
  expect(closed).toEqual(["database"])
})

test("a signal ends it well, and Ctrl-C that comes twice at once is one press", async () => {
  const closed: string[] = []
  const exitCode = await runUntilStopped({
    ...SILENT,
    async open(lifetime) {
      lifetime.onClose(async () => closed.push("database"))
      setImmediate(() => {
        process.emit("SIGINT", "SIGINT")
        process.emit("SIGINT", "SIGINT")
      })
    },
  })
  expect([exitCode, closed]).toEqual([EXIT_OK, ["database"]])
})

test("a signal during the start keeps it from going further, and is no failure", async () => {
  const steps: string[] = []
  const exitCode = await runUntilStopped({
    ...SILENT,
    async open(lifetime) {
      lifetime.onClose(async () => steps.push("closed"))
      process.emit("SIGTERM", "SIGTERM")
      lifetime.stopping.throwIfAborted()
      steps.push("went on")
    },
  })
  expect([exitCode, steps]).toEqual([EXIT_OK, ["closed"]])
})

test("a start that fails closes what it had opened and throws", async () => {
  const closed: string[] = []
  const fault = new Error("the port is taken")
  const running = runUntilStopped({
    ...SILENT,
    async open(lifetime) {
      lifetime.onClose(async () => closed.push("database"))
      throw fault
    },
  })
  await expect(running).rejects.toBe(fault)
  expect(closed).toEqual(["database"])
})

test("what cannot be closed is told and makes the exit a failed one", async () => {
  const fault = new Error("stuck")
  const faults: unknown[] = []
  const exitCode = await runUntilStopped({
    say: () => {},
    onFault: (error) => faults.push(error),
    async open(lifetime) {
      lifetime.onClose(async () => {
        throw fault
      })
      setImmediate(() => process.emit("SIGTERM", "SIGTERM"))
    },
  })
  expect([exitCode, faults]).toEqual([EXIT_FAILED, [fault]])
})

test("what does not stop in time is left, after the last resorts", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  const exited = Promise.withResolvers<unknown>()
  vi.spyOn(process, "exit").mockImplementation((code) => {
    exited.resolve(code)
    return undefined as never
  })
  const stuck = Promise.withResolvers<void>()
  const steps: string[] = []
  const running = runUntilStopped({
    ...SILENT,
    async open(lifetime) {
      lifetime.onForcedExit(() => steps.push("database"))
      lifetime.onForcedExit(() => {
        throw new Error("gone already")
      })
      lifetime.onClose(() => stuck.promise)
      lifetime.requestStop()
    },
  })
  await vi.advanceTimersByTimeAsync(20_000)
  expect([await exited.promise, steps]).toEqual([EXIT_FAILED, ["database"]])
  stuck.resolve()
  await running
})

test("it leaves no listener behind", async () => {
  const count = () =>
    ["SIGINT", "SIGTERM", "SIGHUP", "uncaughtException"].map((name) => process.listenerCount(name))
  const before = count()
  await runUntilStopped({ ...SILENT, open: async (lifetime) => lifetime.requestStop() })
  expect(count()).toEqual(before)
})
