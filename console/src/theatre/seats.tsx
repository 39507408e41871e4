import { classNames } from "../ui/class-names.ts"
import { count } from "../ui/numbers.ts"

/** More cannot be told apart, and each is an element: then one stands for several units. */
const CELLS_MAX = 200

interface SeatsProps {
  readonly units: number
  readonly promised: number
}

/** Every unit as a cell that fills when it is promised; beyond the last one each promise is one that cannot be kept. */
export function Seats({ units, promised }: SeatsProps) {
  const unitsPerCell = Math.ceil(units / CELLS_MAX)
  const cells = Math.ceil(units / unitsPerCell)
  const sold = Math.min(units, promised)
  const oversold = promised - sold
  const filled = Math.ceil(sold / unitsPerCell)
  const excess = Math.ceil(oversold / unitsPerCell)
  const shown = Math.min(excess, CELLS_MAX)
  return (
    <div>
      <div
        role="img"
        aria-label={`${count(sold)} of ${count(units)} units are promised${oversold > 0 ? `, and ${count(oversold)} that do not exist` : ""}`}
      >
        <Cells total={cells} filled={filled} />
        {excess > 0 && (
          <>
            <p className="mt-4 mb-2 flex items-center gap-3 text-sm font-semibold text-bad">
              <span className="h-px flex-1 bg-oversold" />
              promised, and not there
              <span className="h-px flex-1 bg-oversold" />
            </p>
            <Cells total={shown} filled={shown} isExcess />
            {excess > shown && (
              <p className="mt-1 text-sm text-bad">and {count(oversold - shown * unitsPerCell)} more</p>
            )}
          </>
        )}
      </div>
      {unitsPerCell > 1 && (
        <p className="mt-2 text-sm text-muted">Each cell is {count(unitsPerCell)} units.</p>
      )}
    </div>
  )
}

function Cells({ total, filled, isExcess = false }: { total: number; filled: number; isExcess?: boolean }) {
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(0.9rem,1fr))] gap-1">
      {Array.from({ length: total }, (_, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: cells are their places
          key={index}
          className={classNames(
            "aspect-square rounded-[3px] transition-colors",
            isExcess ? "bg-oversold" : index < filled ? "bg-sold" : "bg-sunken ring-1 ring-line ring-inset",
          )}
        />
      ))}
    </div>
  )
}
