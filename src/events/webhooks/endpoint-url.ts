/** What may be the URL of an endpoint, as far as it can be told without looking up its name. */
import { isIP } from "node:net"
import { URL_LENGTH_MAX } from "../../core/limits.ts"
import type { AddressGuard } from "./address-guard.ts"

export type ParsedEndpointUrl = { readonly value: URL } | { readonly problem: string }

/**
 * Below it lie mail, SSH and the like, where a request in somebody else's name can do harm; above it, any port is good:
 * behind a public address, people put receivers where they can.
 */
const FREE_PORT_MIN = 1024
/** A port that is the default of its protocol shows as none. */
const DEFAULT_PORT = ""

/** `URL` forgives `https:host`, `https:///host`, backslashes, and white space anywhere; whoever reads the text may not. */
const WELL_FORMED = /^https?:\/\/[^/\\\s?#][^\\\s]*$/i

/**
 * The URL that is connected to is the one returned here: `URL` has brought every spelling of an address (`2130706433`,
 * `0x7f.1`, `①②⑦.0.0.1`) to the usual one, which is then looked at. Names are looked up, and their addresses looked at, by
 * each connection (`guarded-connector.ts`).
 */
export function parseEndpointUrl(text: string, guard: AddressGuard): ParsedEndpointUrl {
  const expected = `must be an ${guard.httpsOnly ? "https" : "https or http"} URL of at most ${URL_LENGTH_MAX} characters`
  if (text.length > URL_LENGTH_MAX || !WELL_FORMED.test(text)) return { problem: expected }
  const url = URL.parse(text)
  // Percent-encoding makes it longer.
  if (url === null || url.href.length > URL_LENGTH_MAX) return { problem: expected }
  if (url.protocol === "http:" && guard.httpsOnly) return { problem: expected }
  if (url.username !== "" || url.password !== "")
    return { problem: "must not have a user or a password in it" }
  if (url.hash !== "") return { problem: "must not have a fragment, which would not be sent" }
  if (url.port !== DEFAULT_PORT && Number(url.port) < FREE_PORT_MIN) {
    return { problem: `must have the default port, or one from ${FREE_PORT_MIN}` }
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1")
  if (isIP(host) !== 0 && !guard.permits(host, url.protocol))
    return { problem: "must lead to a public address" }
  return { value: url }
}
