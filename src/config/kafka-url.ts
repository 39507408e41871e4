/** `kafka://user:password@host:port,host:port`: a list of brokers, which no URL of the usual kind can have. */
import type { Parse, Refusal } from "./parse.ts"

/** Kafka's own. */
const PORT_DEFAULT = 9092
const PORT_MAX = 65_535

/** The ways to log in with a name and a password; the first one unless the url says `?sasl=`. */
const MECHANISMS = {
  plain: "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
} as const

export interface KafkaUrl {
  readonly brokers: readonly { readonly host: string; readonly port: number }[]
  /** With TLS. */
  readonly isEncrypted: boolean
  readonly login: {
    readonly username: string
    readonly password: string
    readonly mechanism: (typeof MECHANISMS)[keyof typeof MECHANISMS]
  } | null
}

const REFUSED: Refusal = {}

const FORM = /^(kafkas?):\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/?(?:\?sasl=([^&#]*))?$/
const BROKER = /^([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i

export const kafkaUrl: Parse<KafkaUrl> = (text) => {
  const [, scheme, user, hosts = "", sasl] = FORM.exec(text) ?? []
  const brokers = hosts.split(",").map(toBroker)
  const login = toLogin(user, sasl)
  if (scheme === undefined || login === undefined || !brokers.every((broker) => broker !== null))
    return REFUSED
  return { value: { brokers, isEncrypted: scheme === "kafkas", login } }
}

function toBroker(text: string): KafkaUrl["brokers"][number] | null {
  const [, host, digits] = BROKER.exec(text) ?? []
  const port = digits === undefined ? PORT_DEFAULT : Number(digits)
  if (host === undefined || port === 0 || port > PORT_MAX) return null
  return { host: host.replace(/^\[|\]$/g, ""), port }
}

/** Null: without one. Undefined: not well formed. */
function toLogin(user: string | undefined, sasl: string | undefined): KafkaUrl["login"] | undefined {
  if (user === undefined) return sasl === undefined ? null : undefined
  const [, name, word] = /^([^:]+):(.+)$/.exec(user) ?? []
  const mechanism = Object.entries(MECHANISMS).find(([known]) => known === (sasl ?? "plain"))?.[1]
  if (name === undefined || word === undefined || mechanism === undefined) return undefined
  try {
    return { username: decodeURIComponent(name), password: decodeURIComponent(word), mechanism }
  } catch {
    return undefined
  }
}
