/** Answers that have no end of their own: how many there may be, and how they end with the client or with the service. */
import type { ServerResponse } from "node:http"
import { EarmarkError } from "../../core/errors.ts"

export interface OpenStreamsOptions {
  readonly streamsMax: number
  /** Told how many are open whenever that changes. */
  readonly onChange?: (open: number) => void
}

export class OpenStreams {
  readonly #options: OpenStreamsOptions
  readonly #open = new Set<AbortController>()
  #ending: EarmarkError | null = null

  constructor(options: OpenStreamsOptions) {
    this.#options = options
  }

  /**
   * @returns aborted when the response is closed, or with an `EarmarkError` as its reason when the service ends it
   * @throws EarmarkError `unavailable` when there are too many, or the service is ending
   */
  open(response: ServerResponse): AbortSignal {
    if (this.#ending) throw this.#ending
    if (this.#open.size >= this.#options.streamsMax) throw tooMany(this.#options.streamsMax)
    const stream = new AbortController()
    this.#open.add(stream)
    this.#options.onChange?.(this.#open.size)
    const close = () => {
      stream.abort()
      if (this.#open.delete(stream)) this.#options.onChange?.(this.#open.size)
    }
    // Where it was closed before, nobody tells of it any more.
    if (response.destroyed) close()
    else response.once("close", close)
    return stream.signal
  }

  /** Ends all of them, and keeps others from beginning. */
  end(reason: EarmarkError): void {
    this.#ending = reason
    for (const stream of this.#open) stream.abort(reason)
  }
}

function tooMany(streamsMax: number): EarmarkError {
  return new EarmarkError("unavailable", `This process has ${streamsMax} streams open and takes no more.`, {
    notApplied: true,
  })
}
