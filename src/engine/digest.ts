import { hash } from "node:crypto"

/**
 * SHA-256 of a text, cut to the 128 bits of a UUID, which Postgres stores, compares and indexes as such. All that is ever
 * asked of keys and fingerprints is whether they are the same.
 */
export function digestOf(text: string): string {
  const hex = hash("sha256", text, "hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
