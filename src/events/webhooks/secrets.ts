/** What the messages to an endpoint are signed with at a time. */
import type { StoredEndpoint } from "../../engine/delivery-store.ts"
import { parseSecret, type SigningSecret } from "./sign.ts"

export interface EndpointSecrets {
  at(nowMs: number): readonly [SigningSecret, ...SigningSecret[]]
}

/** @param nowMs on the clock that is asked with, when it was read */
export function secretsOf(
  { id, secrets }: Pick<StoredEndpoint, "id" | "secrets">,
  nowMs: number,
): EndpointSecrets {
  const all = secrets.map(({ secret, goodForMs }) => {
    const parsed = parseSecret(secret)
    if ("problem" in parsed) throw new Error(`a secret of ${id} ${parsed.problem}`)
    return { key: parsed.value, untilMs: goodForMs === null ? null : nowMs + goodForMs }
  })
  const [newest] = all
  if (newest === undefined) throw new Error(`${id} has no secret`)
  return {
    at(askedMs) {
      const former = all.slice(1).filter(({ untilMs }) => untilMs === null || askedMs < untilMs)
      return [newest.key, ...former.map(({ key }) => key)]
    },
  }
}
