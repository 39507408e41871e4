/**
 * Where a page of several levels' journals ends: a version of each level. A moment would not do, because a change may
 * commit after a later one of another level, and would then be missed, or told twice.
 */
import { decodeCursor, encodeCursor } from "../cursor.ts"

/** By level id: how far it has been told. */
export type Places = ReadonlyMap<number, number>

/** In a cursor both numbers are short. */
const RADIX = 36
const PLACE = /^([0-9a-z]{1,6}):([0-9a-z]{1,10})$/

export function encodePlaces(list: string, places: Places): string {
  const texts = [...places].map(([id, version]) => `${id.toString(RADIX)}:${version.toString(RADIX)}`)
  return encodeCursor(list, texts.join(","))
}

/** Null without a cursor. @throws invalid_request when it is not one that this list gave for one of these levels */
export function decodePlaces(
  list: string,
  cursor: string | undefined,
  levelIds: ReadonlySet<number>,
): Places | null {
  const isOurs = (key: string) => parse(key)?.every(([id]) => levelIds.has(id)) ?? false
  const key = decodeCursor(list, cursor, isOurs)
  return key === null ? null : new Map(parse(key))
}

function parse(key: string): [id: number, version: number][] | null {
  const places = key.split(",").map((text) => PLACE.exec(text))
  if (places.includes(null)) return null
  return places.map((place): [number, number] => [numberOf(place?.[1]), numberOf(place?.[2])])
}

function numberOf(digits = ""): number {
  return Number.parseInt(digits, RADIX)
}
