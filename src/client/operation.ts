/** What can be asked of the service, before it is a request. */

export type Query = Readonly<Record<string, unknown>>

export interface Operation {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE"
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  /** Takes an idempotency key, and the name of who asks. */
  readonly isWrite: boolean
  /** What sending it once more does, when nobody knows whether it was carried out. */
  readonly repeating: "changes-nothing" | "acts-again"
}

export function read(path: string, query: Query = {}): Operation {
  return { method: "GET", path, query, isWrite: false, repeating: "changes-nothing" }
}

/** Takes a body and changes nothing. */
export function question(path: string, body: unknown): Operation {
  return { method: "POST", path, body, isWrite: false, repeating: "changes-nothing" }
}

/** Ends the same however often it is carried out: by its key, by its state, or because it says what shall be. */
export function write(method: Operation["method"], path: string, body?: unknown): Operation {
  return { method, path, body, isWrite: true, repeating: "changes-nothing" }
}

/** Does something anew each time. */
export function act(path: string, body?: unknown): Operation {
  return { method: "POST", path, body, isWrite: true, repeating: "acts-again" }
}

/** A path with values in it, each of which is one step of it whatever it contains. */
export function path(texts: TemplateStringsArray, ...values: readonly string[]): string {
  return texts.reduce((whole, text, index) => `${whole}${step(values[index - 1] ?? "")}${text}`)
}

function step(value: string): string {
  const encoded = encodeURIComponent(value.toWellFormed())
  // Every parser of URLs takes these for a way up, also encoded: like this the service sees dots, and refuses them.
  return /^\.{1,2}$/.test(encoded) ? encoded.replaceAll(".", "%252E") : encoded
}

/** As the end of a URL. What is undefined is left out, lists are repeated, moments are written down. */
export function queryText(query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) {
      if (one !== undefined) parameters.append(name, one instanceof Date ? one.toISOString() : String(one))
    }
  }
  return parameters.size === 0 ? "" : `?${parameters}`
}
