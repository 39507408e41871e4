/** Sends the requests of an Artillery script once, and knows just those parts of Artillery that ours uses. */
import { randomUUID } from "node:crypto"

export interface ArtilleryScript {
  readonly config: { readonly target: string; readonly variables: Readonly<Record<string, string>> }
  readonly before: { readonly flow: readonly Step[] }
  readonly scenarios: readonly {
    readonly name: string
    readonly weight: number
    readonly flow: readonly Step[]
  }[]
}
type Step = Readonly<Record<string, Request>>

interface Request {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json: Readonly<Record<string, unknown>>
  readonly expect: readonly { readonly statusCode: number | readonly number[] }[]
  readonly capture?: { readonly json: string; readonly as: string; readonly strict: boolean }
  readonly ifTrue?: string
}
const KNOWN = ["url", "headers", "json", "expect", "capture", "ifTrue"]

export interface Sent {
  /** As in the file. */
  readonly request: string
  readonly status: number
  /** By what the file says. */
  readonly expected: boolean
}

/** One flow, as one user of Artillery's goes through it. */
export async function walkFlow(
  { config }: ArtilleryScript,
  flow: readonly Step[],
  environment: Readonly<Record<string, string>>,
): Promise<Sent[]> {
  const variables: Record<string, unknown> = { ...config.variables, $uuid: randomUUID() }
  for (const [name, value] of Object.entries(environment)) variables[`$env.${name}`] = value
  const sent: Sent[] = []
  for (const step of flow) {
    const [[method, request] = []] = Object.entries(step)
    if (method === undefined || request === undefined) throw new Error("a step does nothing")
    const unknown = Object.keys(request).filter((member) => !KNOWN.includes(member))
    if (unknown.length > 0) throw new Error(`nothing is known of ${unknown.join(", ")}`)
    if (request.ifTrue !== undefined && variables[request.ifTrue] === undefined) continue
    const { url, json, headers } = fill({ ...request, url: config.target + request.url }, variables)
    const answer = await fetch(url, {
      method: method.toUpperCase(),
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(json),
    })
    const body = (await answer.json()) as Record<string, unknown>
    const { capture } = request
    if (capture) variables[capture.as] = body[capture.json.replace("$.", "")]
    const statuses = request.expect.flatMap(({ statusCode }) => statusCode)
    const name = `${method} ${request.url}`
    sent.push({ request: name, status: answer.status, expected: statuses.includes(answer.status) })
  }
  return sent
}

/** Puts variables in wherever they are named. */
function fill<T>(value: T, variables: Readonly<Record<string, unknown>>): T {
  const text = JSON.stringify(value).replaceAll(/\{\{ (\S+) \}\}/g, (_whole, name: string) => {
    if (variables[name] === undefined) throw new Error(`there is no variable ${name}`)
    return String(variables[name])
  })
  return JSON.parse(text) as T
}
