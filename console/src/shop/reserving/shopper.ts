/** Who reserves, as the service sees it: this browser. Operators find all holds of one shopper by it. */
const STORED_AS = "earmark.shopper"
const ID_BYTES = 4

let known: string | null = null

export function shopperId(): string {
  known ??= stored() ?? keep(`shopper-${randomHex(ID_BYTES)}`)
  return known
}

/** `crypto.randomUUID` is missing where a page did not come by https; this is everywhere. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function stored(): string | null {
  try {
    const found = localStorage.getItem(STORED_AS)
    return found !== null && /^shopper-\w{1,32}$/.test(found) ? found : null
  } catch {
    return null
  }
}

function keep(id: string): string {
  try {
    localStorage.setItem(STORED_AS, id)
  } catch {
    // Storage may be forbidden: then the shopper is as old as the page.
  }
  return id
}
