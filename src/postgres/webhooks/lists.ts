import { textOrNull } from "../rows.ts"

/** A list that was selected as JSON. */
export function listOrNull(value: unknown): string[] | null {
  const text = textOrNull(value)
  return text === null ? null : (JSON.parse(text) as string[])
}
