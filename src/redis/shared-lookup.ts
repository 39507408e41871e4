/** Looks things up for many callers: those who ask at the same time share one question, asked after all of them did. */
import { Lanes } from "../engine/lanes.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"

const BATCH_MAX = 1024
const QUEUE_MAX = 10_000
const QUEUE_TIMEOUT_MS = 2000

interface Item<K> {
  readonly hint: number
  readonly weight: number
  readonly key: K
}

export class SharedLookup<K, V> {
  readonly #lanes: Lanes<Item<K>, V | undefined>

  constructor(read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>) {
    this.#lanes = new Lanes({
      lanes: 1,
      batchWeightMax: BATCH_MAX,
      queueMax: QUEUE_MAX,
      queueTimeoutMs: QUEUE_TIMEOUT_MS,
      observer: SILENT_OBSERVER,
      async run(batch) {
        const found = await read([...new Set(batch.map(({ key }) => key))])
        return batch.map(({ key }) => found.get(key))
      },
    })
  }

  of(key: K): Promise<V | undefined> {
    return this.#lanes.submit({ hint: 0, weight: 1, key })
  }

  close(): Promise<void> {
    return this.#lanes.close()
  }
}
