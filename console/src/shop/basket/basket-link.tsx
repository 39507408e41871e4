import { Link } from "@tanstack/react-router"
import { useBasket } from "./basket.ts"

/** In the frame of every page. */
export function BasketLink() {
  const units = useBasket().reduce((sum, { quantity }) => sum + quantity, 0)
  return (
    <Link
      to="/basket"
      aria-label={`Basket, ${units} ${units === 1 ? "unit" : "units"}`}
      className="flex min-h-11 items-center gap-1.5 rounded-md px-2 font-medium hover:bg-sunken"
    >
      Basket
      {units > 0 && (
        <span className="min-w-5 rounded-full bg-accent px-1.5 text-center text-xs leading-5 text-on-accent">
          {units}
        </span>
      )}
    </Link>
  )
}
