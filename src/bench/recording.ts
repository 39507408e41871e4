/** What the engine sends to Postgres, kept so that it can be sent again. */
import type pg from "pg"
import { openPool, type PipelineAnswer, PipelinedClient } from "../index.ts"

type Statements = Parameters<PipelinedClient["sendTogether"]>[0]

/** From begin to commit; what was sent together, without waiting for an answer in between, stands together. */
export type RecordedTransaction = readonly Statements[]

export interface RecordingPool {
  readonly pool: pg.Pool
  /** From now on. */
  start(): void
  /** What was committed since the start, in the order of the commits. */
  take(): RecordedTransaction[]
}

export function openRecordingPool(databaseUrl: string, max: number): RecordingPool {
  let committed: RecordedTransaction[] | null = null
  class RecordedClient extends PipelinedClient {
    #roundTrips: Statements[] = []

    override async sendTogether(statements: Statements): Promise<PipelineAnswer> {
      const answer = await super.sendTogether(statements)
      if (statements[0]?.text.startsWith("begin")) this.#roundTrips = []
      this.#roundTrips.push(statements)
      if (answer.results.at(-1)?.command === "COMMIT") {
        committed?.push(this.#roundTrips)
        this.#roundTrips = []
      }
      return answer
    }
  }
  return {
    pool: openPool({ databaseUrl, max, clientClass: RecordedClient }),
    start() {
      committed = []
    },
    take() {
      const taken = committed ?? []
      committed = null
      return taken
    },
  }
}
