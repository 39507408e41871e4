import type { Sale } from "earmark/client"
import { classNames } from "../ui/class-names.ts"
import { count } from "../ui/numbers.ts"

/** What came of it, by the database's own records. */
export function Verdict({ sale }: { readonly sale: Sale }) {
  const { books, oversold, units, failure, state, stoppedBy } = sale
  if (books === null) {
    return (
      <p className="font-medium text-bad">{failure ?? "The sale ended before its books could be read."}</p>
    )
  }
  const isWrong = oversold > 0 || (books.brokenLaws ?? []).length > 0
  return (
    <div
      className={classNames(
        "rounded-lg border-l-4 bg-sunken p-4",
        isWrong ? "border-oversold" : "border-available",
      )}
    >
      <p className={classNames("text-lg font-semibold", isWrong ? "text-bad" : "text-good")}>
        {oversold > 0
          ? `${count(oversold)} ${oversold === 1 ? "buyer has" : "buyers have"} a promise that nobody can keep`
          : `Nothing was promised twice`}
      </p>
      <p className="mt-1">
        The database has {count(books.promised)} units promised of the {count(units)} that there are, and{" "}
        {count(books.available)} for sale. {lawsOf(books.brokenLaws)}
      </p>
      {state === "stopped" && <p className="mt-1 text-muted">{STOPPED[stoppedBy ?? "request"]}</p>}
      {failure !== null && (
        <p className="mt-1 text-muted">Of those without an answer, the first: {failure}</p>
      )}
    </div>
  )
}

const STOPPED: Record<NonNullable<Sale["stoppedBy"]>, string> = {
  request: "It was stopped before everybody had asked.",
  time_limit: "It took too long and was ended before everybody had asked.",
  shutdown: "The service was stopped before everybody had asked.",
}

function lawsOf(brokenLaws: readonly string[] | null): string {
  if (brokenLaws === null) return "It keeps no journal that could be checked."
  if (brokenLaws.length === 0) return "Every law holds."
  return `Broken laws: ${brokenLaws.join(", ")}.`
}
