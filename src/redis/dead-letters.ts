/** Stream entries that could not be persisted: kept aside, with their grants, until somebody has mended what is wrong. */
import { toWireId } from "../core/ids.ts"
import type { Persister } from "./persister.ts"
import type { Shard, StoredGrant } from "./shard.ts"

export interface DeadLetter {
  readonly shard: number
  readonly id: string
  readonly reason: string
  /** Of reservations, as on the wire; none when the entry could not be read. */
  readonly ids: readonly string[]
}

/** Letters, by what became of them. */
export interface Replayed {
  readonly persisted: number
  /** Redis began anew before, and with it went some reservation of theirs. */
  readonly revoked: number
  /** There was nothing in them that could be persisted. */
  readonly empty: number
  /** They are still there. */
  readonly failed: number
}

interface Letter extends Omit<DeadLetter, "ids"> {
  readonly epoch: number
  readonly grants: readonly StoredGrant[]
}

const LETTERS_MAX = 1000

export async function readDeadLetters(shard: Shard): Promise<readonly DeadLetter[]> {
  const letters = await read(shard)
  return letters.map(({ id, reason, grants }) => ({
    shard: shard.number,
    id,
    reason,
    ids: grants.map((grant) => toWireId(grant.id)),
  }))
}

export async function replayDeadLetters(
  shard: Shard,
  { persister, isRevoked }: { persister: Persister; isRevoked: (id: string) => Promise<boolean> },
): Promise<Replayed> {
  const counts = { persisted: 0, revoked: 0, empty: 0, failed: 0 }
  for (const letter of await read(shard)) {
    const became = await replay(shard, letter, { persister, isRevoked })
    counts[became] += 1
    if (became !== "failed") await shard.send(shard.keys.dead, "XDEL", shard.keys.dead, letter.id)
  }
  return counts
}

async function replay(
  shard: Shard,
  { epoch, grants }: Letter,
  { persister, isRevoked }: { persister: Persister; isRevoked: (id: string) => Promise<boolean> },
): Promise<keyof Replayed> {
  if (grants.length === 0) return "empty"
  // As they are in Redis now, if they are: somebody may have mended them there.
  const { grants: there } = await shard.peek(grants.map(({ id }) => id))
  const byId = new Map([...grants, ...there].map((grant) => [grant.id, grant]))
  const { failures } = await persister.persistEach(shard, { epoch, grants: [...byId.values()] })
  if (failures.length > 0) return "failed"
  const revoked = await Promise.all(grants.map(({ id }) => isRevoked(id)))
  return revoked.includes(true) ? "revoked" : "persisted"
}

async function read(shard: Shard): Promise<Letter[]> {
  const { dead } = shard.keys
  const reply = (await shard.send(dead, "XRANGE", dead, "-", "+", "COUNT", String(LETTERS_MAX))) as [
    string,
    string[],
  ][]
  return reply.map(([id, fields]) => {
    const value = (name: string) => fields[fields.indexOf(name) + 1] ?? ""
    const grants = JSON.parse(value("grants")) as StoredGrant[]
    return { shard: shard.number, id, reason: value("reason"), epoch: Number(value("epoch")), grants }
  })
}
