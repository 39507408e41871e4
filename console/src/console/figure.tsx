import { classNames } from "../ui/class-names.ts"
import { count } from "../ui/numbers.ts"

interface FigureProps {
  readonly name: string
  readonly units: number
  readonly isMain?: boolean
}

/**
 * Units with their name: in a table the name stands above the column, on a narrow screen beside the number, where none is
 * not worth the place.
 */
export function Figure({ name, units, isMain = false }: FigureProps) {
  const isLeftOut = units === 0 && !isMain
  return (
    <span className={classNames("sm:text-right", isMain && "font-semibold", isLeftOut && "max-sm:hidden")}>
      <span className="font-normal text-muted sm:sr-only">{name} </span>
      {count(units)}
    </span>
  )
}
