/** Stream entries that could not be persisted: kept aside, with their grants, until somebody has mended what is wrong. */
import { toWireId } from "../core/ids.ts"
import type { Persister } from "./persister.ts"
import type { Shard } from "./shard.ts"

export interface DeadLetter {
  readonly shard: number
  readonly id: string
  readonly reason: string
  /** Of reservations, as on the wire; none when the entry could not be read. */
  readonly ids: readonly string[]
}

const LETTERS_MAX = 1000

export async function readDeadLetters(shard: Shard): Promise<readonly DeadLetter[]> {
  return (await read(shard)).map(({ uuids, ...letter }) => ({ ...letter, ids: uuids.map(toWireId) }))
}

/** A letter goes when its grants are persisted, or are no longer there because they have been. */
export async function replayDeadLetters(
  shard: Shard,
  persister: Persister,
): Promise<{ readonly replayed: number; readonly failed: number }> {
  let failed = 0
  let replayed = 0
  for (const { id, uuids } of await read(shard)) {
    const { epoch, grants } = await shard.peek(uuids)
    const { failures } = await persister.persistEach(shard, { epoch: epoch ?? 0, grants })
    if (failures.length > 0 || uuids.length === 0) failed += 1
    else {
      replayed += 1
      await shard.send(shard.keys.dead, "XDEL", shard.keys.dead, id)
    }
  }
  return { replayed, failed }
}

async function read(shard: Shard) {
  const { dead } = shard.keys
  const reply = (await shard.send(dead, "XRANGE", dead, "-", "+", "COUNT", String(LETTERS_MAX))) as [
    string,
    string[],
  ][]
  return reply.map(([id, fields]) => {
    const value = (name: string) => fields[fields.indexOf(name) + 1] ?? ""
    const ids = value("ids")
    return {
      shard: shard.number,
      id,
      reason: value("reason"),
      uuids: ids === "" ? [] : ids.split(","),
    }
  })
}
