import type { Progress } from "../bench/harness.ts"
import type { CliContext } from "./command.ts"

/** Where nobody watches, a line now and then shows in a log that it goes on. */
const LINE_MS = 15_000

export function tellProgress({ isWatched, showProgress, say }: CliContext): (progress: Progress) => void {
  let saidMs = Number.NEGATIVE_INFINITY
  return (progress) => {
    if (isWatched) showProgress(lineOf(progress))
    else if (performance.now() - saidMs >= LINE_MS) {
      saidMs = performance.now()
      say(lineOf(progress))
    }
  }
}

function lineOf({ done, all, text, secondsLeft }: Progress): string {
  return `[${done + 1}/${all}] ${timeOf(secondsLeft)} left  ${text}`
}

function timeOf(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 10 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${minutes} min`
}
