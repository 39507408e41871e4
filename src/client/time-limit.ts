/** A signal that is aborted when the caller's is, or when the time is over, and that says which of the two it was. */
export interface TimeLimit {
  readonly signal: AbortSignal
  readonly hasPassed: () => boolean
  /** From now on, so long. */
  readonly restart: (ms: number) => void
  /** No limit any more. */
  readonly lift: () => void
  /** Ends whatever goes by it. */
  readonly abort: () => void
}

/** Unlike `AbortSignal.timeout` it can be lifted: the beginning of a stream is limited, the stream is not. */
export function timeLimit(ms: number, caller?: AbortSignal): TimeLimit {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let hasPassed = false
  const lift = () => clearTimeout(timer)
  const restart = (forMs: number) => {
    lift()
    timer = setTimeout(() => {
      hasPassed = true
      controller.abort()
    }, forMs)
  }
  restart(ms)
  return {
    signal: caller ? AbortSignal.any([caller, controller.signal]) : controller.signal,
    hasPassed: () => hasPassed,
    restart,
    lift,
    abort: () => {
      lift()
      controller.abort()
    },
  }
}
