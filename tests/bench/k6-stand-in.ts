/**
 * A program: runs the iterations of a k6 script, given its path and how many, under a stand-in for those parts of k6
 * that the script uses. Prints what it checked and what it requested, as JSON.
 */
import { registerHooks } from "node:module"
import { pathToFileURL } from "node:url"
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads"

export interface K6Run {
  readonly options: Readonly<Record<string, unknown>>
  readonly failedChecks: readonly string[]
  readonly requests: readonly { readonly name: string; readonly status: number; readonly expected: boolean }[]
}

interface Params {
  readonly headers: Record<string, string>
  readonly tags: { readonly name: string }
}
interface Script {
  readonly options: Record<string, unknown>
  setup(): unknown
  default(data: unknown): void
}

const MODULES: Readonly<Record<string, string>> = {
  k6: "export const check = globalThis.k6.check",
  "k6/http": "export default globalThis.k6.http",
  "k6/execution": "export default globalThis.k6.execution",
}

const [path = "", iterations = ""] = process.argv.slice(2)
const failedChecks: string[] = []
const requests: K6Run["requests"][number][] = []
let expectedStatuses = [200, 201]
const scenario = { iterationInTest: 0 }

/** Requests are synchronous in k6: another thread makes them while this one sleeps. */
const answered = new Int32Array(new SharedArrayBuffer(4))
const { port1, port2 } = new MessageChannel()
const requester = new Worker(
  `const { workerData: { port, answered } } = require("node:worker_threads")
  port.on("message", async ({ url, ...options }) => {
    const answer = await fetch(url, options).then(
      async (response) => ({ status: response.status, body: await response.text() }),
      (error) => ({ status: 0, body: String(error.cause ?? error) }),
    )
    port.postMessage(answer)
    Atomics.store(answered, 0, 1)
    Atomics.notify(answered, 0)
  })`,
  { eval: true, workerData: { port: port2, answered }, transferList: [port2] },
)

function request(method: string, url: string, body: string, { headers, tags }: Params) {
  Atomics.store(answered, 0, 0)
  port1.postMessage({ url, method, body, headers })
  Atomics.wait(answered, 0, 0)
  const answer = receiveMessageOnPort(port1)?.message as { status: number; body: string }
  requests.push({ ...tags, status: answer.status, expected: expectedStatuses.includes(answer.status) })
  return { ...answer, json: (member: string) => (JSON.parse(answer.body) as Record<string, unknown>)[member] }
}

function check<Value>(value: Value, checks: Record<string, (value: Value) => boolean>): void {
  for (const [name, holds] of Object.entries(checks)) if (!holds(value)) failedChecks.push(name)
}

const http = {
  request,
  expectedStatuses: (...statuses: number[]) => statuses,
  setResponseCallback(statuses: number[]) {
    expectedStatuses = statuses
  },
}
Object.assign(globalThis, { __ENV: process.env, k6: { check, http, execution: { scenario } } })
registerHooks({
  resolve: (specifier, context, next) =>
    specifier in MODULES
      ? { url: `stand-in:${specifier}`, format: "module", shortCircuit: true }
      : next(specifier, context),
  load(url, context, next) {
    const source = MODULES[url.slice("stand-in:".length)]
    return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true }
  },
})

const script = (await import(pathToFileURL(path).href)) as Script
const data = script.setup()
for (; scenario.iterationInTest < Number(iterations); scenario.iterationInTest += 1) script.default(data)
await requester.terminate()
const run: K6Run = { options: script.options, failedChecks, requests }
process.stdout.write(JSON.stringify(run))
