/** Scripts are sent by their digest, and whole where the server does not know them (again). */
import { hash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { RedisServer } from "./server.ts"

export interface Script {
  readonly text: string
  readonly sha1: string
}

const read = (name: string) => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8")
const COMMON = read("common")

/** One about the keys of a shard. */
export function loadScript(name: string): Script {
  return scriptOf(`${COMMON}\n${read(name)}`)
}

/** One that names its own keys. */
export function loadLoneScript(name: string): Script {
  return scriptOf(read(name))
}

function scriptOf(text: string): Script {
  return { text, sha1: hash("sha1", text, "hex") }
}

/** @returns the reply, of which every script of ours makes a list of texts */
export async function runScript(
  server: RedisServer,
  script: Script,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly (string | Buffer)[] },
): Promise<string[]> {
  const [first = ""] = keys
  const rest = [String(keys.length), ...keys, ...args]
  try {
    return (await server.send(first, ["EVALSHA", script.sha1, ...rest])) as string[]
  } catch (error) {
    // It has not run: a server that was restarted, or flushed its scripts, or is another one of the cluster.
    if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error
    return (await server.send(first, ["EVAL", script.text, ...rest])) as string[]
  }
}
