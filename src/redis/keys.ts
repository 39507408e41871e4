/** Where things lie in Redis: every sku belongs to one shard, and all keys of a shard to one hash slot. */
import { laneHintFor } from "../core/ids.ts"

/** Enough for the largest cluster that one would want to use; a shard of its own costs next to nothing. */
export const SHARDS = 16

export const GROUP = "earmark"

export function shardOf(sku: string): number {
  return laneHintFor([sku]) % SHARDS
}

/** In the order in which `common.lua` names them. */
const NAMES = [
  "meta",
  "free",
  "totals",
  "grants",
  "deadlines",
  "claims",
  "elsewhere",
  "refused",
  "stream",
  "dead",
] as const

export interface ShardKeys {
  readonly all: readonly string[]
  readonly stream: string
  readonly dead: string
  readonly grants: string
  readonly deadlines: string
}

/** @param space tells apart several users of one Redis, such as schemas */
export function keysOf(space: string, shard: number): ShardKeys {
  const key = (name: (typeof NAMES)[number]) => `${space}:{${space}:${shard}}:${name}`
  return {
    all: NAMES.map(key),
    stream: key("stream"),
    dead: key("dead"),
    grants: key("grants"),
    deadlines: key("deadlines"),
  }
}
