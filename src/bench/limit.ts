/**
 * The limit: what would be reached if the engine cost nothing. A real engine is put under the load first, and what it
 * sends is recorded; then the schema is made anew, brought to the same state, and a bare loop over the same client sends the
 * same batches of the same statements again, together what went together, waiting where the engine waited. Only that is
 * timed.
 *
 * It is a limit for one stock level: whatever the engine does there runs in one lane, so the driver needs no more than
 * one connection. It measures no single requests, and the callers are left out of it altogether.
 */
import { createEngine, openPool, PipelinedClient } from "../index.ts"
import { runClosedLoop } from "./load/closed-loop.ts"
import { openRecordingPool, type RecordedTransaction } from "./recording.ts"
import type { Contender, Measurement, Surroundings } from "./scenario.ts"
import { engineSeller } from "./seller.ts"
import { PLENTY } from "./units.ts"

/** Reservations in one recording: bounds its memory, at well under a kilobyte each. */
const RESERVATIONS_MAX = 150_000
const SKU = "RECORDED"

export const limit: Contender = {
  name: "limit",
  role: "limit",
  takes: ({ loop }) => loop === "closed",
  async open(surroundings) {
    const schema = surroundings.server.freshSchema()
    return {
      async measure(load, seconds) {
        if (load.loop === "open") throw new Error("the limit cannot be put under an open loop")
        const recorded = await record(surroundings, schema, { callers: load.callers, seconds })
        return replay(surroundings, schema, recorded)
      },
      close: () => surroundings.server.dropSchema(schema),
    }
  },
}

interface Recorded {
  readonly transactions: readonly RecordedTransaction[]
  readonly reservations: number
  readonly after: LevelState
}

/** Equal states of the level have had the same changes. */
interface LevelState {
  readonly held: number
  readonly version: number
}

async function record(
  { server, poolSize, stopping }: Surroundings,
  schema: string,
  load: { readonly callers: number; readonly seconds: number },
): Promise<Recorded> {
  await server.dropSchema(schema)
  const recording = openRecordingPool(server.url, poolSize)
  try {
    const engine = await createEngine({ pool: recording.pool, schema })
    const seller = engineSeller(engine, { keyed: false })
    await seller.supply(SKU, PLENTY)
    recording.start()
    const { answers } = await runClosedLoop({
      ...load,
      stopping,
      asksMax: RESERVATIONS_MAX,
      ask: async (caller) => {
        if (!(await seller.ask(SKU, caller))) throw new Error("a level with plenty was sold out")
      },
    })
    const transactions = recording.take()
    await engine.close()
    return { transactions, reservations: answers, after: await readLevel(server.url, schema) }
  } finally {
    await recording.pool.end()
  }
}

async function replay(
  { server, stopping }: Surroundings,
  schema: string,
  { transactions, reservations, after }: Recorded,
): Promise<Measurement> {
  await server.dropSchema(schema)
  const engine = await createEngine({ databaseUrl: server.url, schema, poolSize: 1 })
  await engineSeller(engine, { keyed: false }).supply(SKU, PLENTY)
  await engine.close()
  await server.checkpoint()
  const pool = openPool({ databaseUrl: server.url, max: 1 })
  const client = await pool.connect()
  try {
    if (!(client instanceof PipelinedClient)) throw new Error("the pool has clients of another class")
    const startedMs = performance.now()
    for (const roundTrips of transactions) {
      stopping.throwIfAborted()
      for (const statements of roundTrips) {
        const { error } = await client.sendTogether(statements)
        if (error !== undefined) throw error
      }
    }
    const seconds = (performance.now() - startedMs) / 1000
    const { held, version } = await readLevel(server.url, schema)
    if (version !== after.version) throw new Error("sending the same again did not do the same again")
    const leaked = Math.abs(held - after.held) + Math.abs(held - reservations)
    return { answers: reservations, seconds, latencies: null, oversold: 0, leaked }
  } finally {
    client.release()
    await pool.end()
  }
}

async function readLevel(databaseUrl: string, schema: string): Promise<LevelState> {
  const engine = await createEngine({ databaseUrl, schema, poolSize: 1, migrate: false })
  try {
    const level = (await engine.availability(SKU))?.locations[0]
    if (!level) throw new Error("the recorded level is gone")
    return level
  } finally {
    await engine.close()
  }
}
