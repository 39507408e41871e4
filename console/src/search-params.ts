/**
 * What follows the question mark of an address, as text and nothing else: a sku may be called `1e5` or `true`, and whoever typed
 * it means just that. What is no text, such as the lines of a basket, stands there as JSON, which its page reads.
 */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined) params.set(name, typeof value === "string" ? value : JSON.stringify(value))
  }
  return params.size > 0 ? `?${params}` : ""
}
