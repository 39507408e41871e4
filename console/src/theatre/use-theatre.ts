/** The sale that is on, and those that were played while the page was open. */
import { useQuery } from "@tanstack/react-query"
import { isProblem, type Sale, type SaleDetails, type TheatreProgramme } from "earmark/client"
import { useEffect, useRef, useState } from "react"
import { operator } from "../api/client.ts"
import { watchConnection } from "../api/connection.ts"

export interface TheatreStage {
  readonly programme: TheatreProgramme | undefined
  /** Of reading the programme: there is no theatre then. */
  readonly error: unknown
  /** The latest snapshot of the sale under way, or of the last one. */
  readonly sale: Sale | null
  /** Those that are over, in the order in which they were played. */
  readonly played: readonly Sale[]
  readonly isPlaying: boolean
  /** What kept a sale from being played. */
  readonly trouble: unknown
  /** One after the other. */
  play(sales: readonly SaleDetails[]): Promise<void>
  /** The sale that is on, and whatever was to come after it. */
  stop(): Promise<void>
}

/** Between two sales: the first one is shown to its end, and its verdict read. */
const INTERVAL_MS = 6_000

export function isOver({ state }: Sale): boolean {
  return state === "finished" || state === "stopped" || state === "failed"
}

export function useTheatre(): TheatreStage {
  const { data: programme, error } = useQuery({
    queryKey: ["theatre"],
    queryFn: ({ signal }) => operator.theatre.get({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
    // What was on when the page was last looked at is over by now.
    gcTime: 0,
  })
  const [sale, setSale] = useState<Sale | null>(null)
  const [played, setPlayed] = useState<readonly Sale[]>([])
  const [isPlaying, setIsPlaying] = useState(false)
  const [trouble, setTrouble] = useState<unknown>(null)
  const leaving = useRef<AbortController>(null)
  const stopping = useRef<AbortController>(null)

  const watch = async (id: string) => {
    const { onConnection, close } = watchConnection()
    const signal = leaving.current?.signal
    try {
      for await (const snapshot of operator.theatre.follow(id, { onConnection, ...(signal && { signal }) })) {
        setSale(snapshot)
        if (isOver(snapshot)) setPlayed((before) => [...before.filter((one) => one.id !== id), snapshot])
      }
    } catch (thrown) {
      // Its process was started anew: nobody will hear of it any more, and it is not running.
      if (isProblem(thrown, "sale_not_found")) setSale(null)
      throw thrown
    } finally {
      close()
    }
  }
  const whilePlaying = async (run: () => Promise<void>) => {
    setIsPlaying(true)
    setTrouble(null)
    try {
      await run()
    } catch (thrown) {
      setTrouble(thrown)
    } finally {
      setIsPlaying(false)
    }
  }

  useEffect(() => {
    leaving.current = new AbortController()
    return () => {
      leaving.current?.abort()
      stopping.current?.abort()
    }
  }, [])
  const current = programme?.current ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for what was on when the page came
  useEffect(() => {
    if (current === null) return
    if (isOver(current)) {
      setSale(current)
      setPlayed((before) => (before.length === 0 ? [current] : before))
    } else {
      void whilePlaying(() => watch(current.id))
    }
  }, [current])

  return {
    programme,
    error,
    sale,
    played,
    isPlaying,
    trouble,
    play: (sales) =>
      whilePlaying(async () => {
        stopping.current = new AbortController()
        const { signal } = stopping.current
        for (const [index, details] of sales.entries()) {
          if (index > 0) await pause(INTERVAL_MS, signal)
          if (signal.aborted) return
          await watch(await startOrJoin(details))
        }
      }),
    async stop() {
      stopping.current?.abort()
      if (sale === null || isOver(sale)) return
      await operator.theatre.stop(sale.id).catch(setTrouble)
    },
  }
}

/** Ends at once when the signal comes, or has come. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, signal.aborted ? 0 : ms)
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** There is one sale at a time: if somebody else's is on, that is what there is to watch. */
async function startOrJoin(details: SaleDetails): Promise<string> {
  try {
    return (await operator.theatre.start(details)).id
  } catch (problem) {
    if (!isProblem(problem, "sale_running")) throw problem
    const { current } = await operator.theatre.get()
    if (current === null || isOver(current)) throw problem
    return current.id
  }
}
