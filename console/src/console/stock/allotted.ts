import { useQuery } from "@tanstack/react-query"
import { operator } from "../../api/client.ts"

/** Redis is handed units and gives them back without a word here: it is asked now and then. */
const LOOK_INTERVAL_MS = 3_000

/** How many units of a stock level Redis may grant; 0 where it grants none, which is nearly everywhere. */
export function useAllotted(): (sku: string, location: string) => number {
  const { data = [] } = useQuery({
    queryKey: ["hot-items"],
    queryFn: ({ signal }) => operator.items.listHot({ signal }),
    refetchInterval: LOOK_INTERVAL_MS,
  })
  return (sku, location) =>
    data.find((item) => item.sku === sku)?.locations.find((level) => level.location === location)?.allotted ??
    0
}
