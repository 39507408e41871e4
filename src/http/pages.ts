/** The web pages: shop, theatre and console, which are one app that `vite build` made. */
import fastifyStatic from "@fastify/static"
import { EarmarkError } from "../core/errors.ts"
import type { HttpServer } from "./http-server.ts"

/** For each of these the app is sent, which then draws the page; `console/src/router.tsx` has the same. */
export const PAGE_PATHS = ["/", "/basket", "/reservations/:id", "/theatre", "/console", "/console/*"] as const

/** As Vite names what it makes. With `.br` or `.gz` behind it when that is what is sent. */
const HASHED = /-[\w-]{8}\.(?:js|css)(?:\.br|\.gz)?$/

/**
 * What a browser lets a page do. Whatever text from elsewhere ends up in one, it runs no script, and sends nothing to
 * anybody but this service; pictures alone may come from where an item's `imageUrl` says.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: http: https:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ")

const PAGE_HEADERS = {
  "content-security-policy": POLICY,
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
}

/** @param folder what `vite build` wrote; null when there is none */
export async function servePages(server: HttpServer, folder: string | null): Promise<void> {
  const schema = { hide: true }
  if (folder === null) {
    for (const path of PAGE_PATHS) server.get(path, { schema }, () => Promise.reject(notBuilt()))
    return
  }
  await server.register(fastifyStatic, {
    root: folder,
    // A route for each file that is there now: whatever else is asked for is an unknown route, as everywhere.
    wildcard: false,
    index: false,
    globIgnore: ["**/*.br", "**/*.gz"],
    preCompressed: true,
    cacheControl: false,
    // These would be made of size and time, which `npm pack` sets alike for every version: the old page would count as new.
    etag: false,
    lastModified: false,
    setHeaders: (reply, path) => reply.headers(headersOf(path)),
  })
  for (const path of PAGE_PATHS) {
    server.get(path, { schema }, (_request, reply) => reply.sendFile("index.html"))
  }
}

function headersOf(path: string): Record<string, string> {
  // What has a hash of its content in its name never changes; what names these parts must not be an old one.
  if (HASHED.test(path)) return { "cache-control": "public, max-age=31536000, immutable" }
  return { "cache-control": "no-cache", ...(path.includes("index.html") && PAGE_HEADERS) }
}

function notBuilt(): EarmarkError {
  const detail = "The pages are not built here: `npm start` does that, and so does `npm run build:pages`."
  return new EarmarkError("not_found", detail)
}
