/**
 * Signatures of the Standard Webhooks (https://www.standardwebhooks.com), so that receivers verify them with a library
 * that exists for their language.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto"

/** Of the standard: shorter keys can be guessed, and HMAC-SHA256 gains nothing from longer ones. */
const SECRET_BYTES_MIN = 24
const SECRET_BYTES_MAX = 64
/** As many as the signature has: the strength of the one is that of the other. */
const SECRET_BYTES_NEW = 32
const SECRET_PREFIX = "whsec_"
const SECRET_EXPECTED = `must be ${SECRET_PREFIX} and the base64 of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes`

/**
 * What may be an id: what is signed is `id.timestamp.body`, so an id with a dot in it would let the signature of one
 * message pass for another.
 */
const ID_PATTERN = /^[A-Za-z0-9_-]{1,255}$/

/** As a key object, a secret shows neither in a log nor in JSON. */
export type SigningSecret = KeyObject

export type ParsedSecret = { readonly value: SigningSecret } | { readonly problem: string }

export interface SignedMessage {
  /** The same for every attempt: by it receivers know a message that comes twice. */
  readonly id: string
  /** Time of this attempt. Receivers refuse what is minutes old, lest somebody replay it. */
  readonly timestampSeconds: number
  readonly body: Uint8Array
}

export interface SignatureHeaders extends Record<string, string> {
  readonly "webhook-id": string
  readonly "webhook-timestamp": string
  readonly "webhook-signature": string
}

export function generateSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES_NEW).toString("base64")
}

export function parseSecret(text: string): ParsedSecret {
  if (!text.startsWith(SECRET_PREFIX)) return { problem: SECRET_EXPECTED }
  const encoded = text.slice(SECRET_PREFIX.length)
  const key = Buffer.from(encoded, "base64")
  // Node passes over what is not base64; a receiver's library may not, and would come to another key.
  if (key.toString("base64") !== encoded) {
    return { problem: `${SECRET_EXPECTED}: what follows the prefix is not base64, padding included` }
  }
  if (key.length < SECRET_BYTES_MIN || key.length > SECRET_BYTES_MAX) {
    return { problem: `${SECRET_EXPECTED}: these are ${key.length}` }
  }
  return { value: createSecretKey(key) }
}

/** @param secrets all that a receiver may know at present: while one is being replaced, the new and the old one. */
export function signatureHeaders(
  message: SignedMessage,
  secrets: readonly [SigningSecret, ...SigningSecret[]],
): SignatureHeaders {
  const { id, timestampSeconds, body } = message
  if (!ID_PATTERN.test(id)) throw new RangeError("the id of a message is letters, digits, _ and -")
  if (!Number.isSafeInteger(timestampSeconds)) throw new RangeError("a timestamp is whole seconds")
  const signatures = secrets.map((secret) => {
    const hmac = createHmac("sha256", secret).update(`${id}.${timestampSeconds}.`).update(body)
    return `v1,${hmac.digest("base64")}`
  })
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatures.join(" "),
  }
}
