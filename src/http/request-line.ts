/** Paths and queries whose percent-encoding does not stand for UTF-8 text. */
import { type ParsedUrlQuery, parse } from "node:querystring"

const RESERVATION_PATH = /^\/v1\/reservations\/[^?]/

/**
 * An id that cannot be decoded is one that was never issued: taken literally, it is looked for and not found, like
 * every other that is not well formed. Any other path of that kind stays as it is, and is refused.
 */
export function readablePath(url: string): string {
  if (!url.includes("%") || !RESERVATION_PATH.test(url)) return url
  const [path = "", ...query] = url.split(/(?=\?)/)
  return isDecodable(path) ? url : [path.replaceAll("%", "%25"), ...query].join("")
}

/** A lone surrogate: no text may contain it, so that whichever schema the value meets refuses it, at its pointer. */
const UNDECODABLE = "\ud800"

/** Like the parsers of Node and Fastify, which would read bytes that are not UTF-8 as U+FFFD and go on. */
export function parseQuery(query: string): ParsedUrlQuery {
  // 0: a limit would leave the rest unread in silence. The headers' limit bounds the query too.
  return parse(query, "&", "=", { maxKeys: 0, decodeURIComponent: decode })
}

function decode(text: string): string {
  return isDecodable(text) ? decodeURIComponent(text) : UNDECODABLE
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
