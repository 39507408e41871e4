/** How the text of a setting becomes a value. */
import { isIP } from "node:net"

export interface Refusal {
  /** Said instead of the setting's "expected ..." where that would not be enough. */
  readonly problem?: string
}
export type Parsed<T> = { readonly value: T } | Refusal
export type Parse<T> = (text: string) => Parsed<T>

const REFUSED: Refusal = {}

export function wholeNumber(min: number, max: number): Parse<number> {
  return (text) => {
    const value = Number(text)
    return /^\d+$/.test(text) && value >= min && value <= max ? { value } : REFUSED
  }
}

export function oneOf<const T extends string>(values: readonly T[]): Parse<T> {
  return (text) => {
    const value = values.find((candidate) => candidate === text)
    return value === undefined ? REFUSED : { value }
  }
}

export const flag: Parse<boolean> = (text) =>
  text === "0" || text === "1" ? { value: text === "1" } : REFUSED

export const nonEmpty: Parse<string> = (text) => (/^\S+$/.test(text) ? { value: text } : REFUSED)

/** Postgres cuts names at 63 bytes in silence and keeps `pg_` for itself; plain lower case never needs quotes. */
export const identifier: Parse<string> = (text) =>
  /^[a-z_][a-z0-9_]{0,62}$/.test(text) && !text.startsWith("pg_") ? { value: text } : REFUSED

/** What Kafka allows; `.` and `..` would be folders of a broker. */
export const topicName: Parse<string> = (text) =>
  /^[\w.-]{1,249}$/.test(text) && text !== "." && text !== ".." ? { value: text } : REFUSED

/** Networks with commas between, such as `10.1.0.0/16, ::1/128`. */
export const networks: Parse<readonly string[]> = (text) => {
  const value = text.split(",").map((network) => network.trim())
  return value.every(isNetwork) ? { value } : REFUSED
}

function isNetwork(text: string): boolean {
  const [, address = "", bits = ""] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? []
  const version = isIP(address)
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128)
}

export function url(protocols: readonly string[]): Parse<string> {
  return (text) => {
    const protocol = /^([a-z]+):\/\//.exec(text)?.[1]
    // A Unix socket is written without a host, `postgres://user@/database?host=/run/postgresql`.
    const wellFormed = URL.canParse(text) || URL.canParse(text.replace("@/", "@socket/"))
    return protocol !== undefined && protocols.includes(protocol) && wellFormed ? { value: text } : REFUSED
  }
}
