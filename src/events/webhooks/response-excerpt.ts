import { storableText } from "./storable-text.ts"

/** Read of a response's body; whatever comes after it is not waited for. */
const BODY_BYTES_MAX = 65_536
/** Kept of it: enough for a message of error, too little to be a way of reading other people's pages. */
const EXCERPT_BYTES_MAX = 1024

/** Leaving the loop before the end destroys the body, and with it the connection. */
export async function readExcerpt(body: AsyncIterable<Uint8Array>): Promise<string> {
  const kept: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (bytes < EXCERPT_BYTES_MAX) kept.push(chunk)
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) break
  }
  const beginning = Buffer.concat(kept).subarray(0, EXCERPT_BYTES_MAX)
  // As a stream: a character that the cut runs through is left out, not shown broken.
  return storableText(new TextDecoder().decode(beginning, { stream: true }))
}
