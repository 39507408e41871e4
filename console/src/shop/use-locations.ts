import { useQuery } from "@tanstack/react-query"
import { shop } from "../api/client.ts"

/** A page of the list at its largest; a location beyond it is shown by its code. */
const LOCATIONS_MAX = 200
/** They are made by operators, not by the hour. */
const STALE_MS = 60_000

/** Names of locations by their code; empty until they have been read. */
export function useLocations(): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: ["locations"],
    queryFn: ({ signal }) => shop.locations.list({ limit: LOCATIONS_MAX }, { signal }).page(),
    select: (page) => new Map(page.data.map(({ code, name }) => [code, name])),
    staleTime: STALE_MS,
  })
  return data ?? NO_NAMES
}

const NO_NAMES: ReadonlyMap<string, string> = new Map()

export function nameOf(locations: ReadonlyMap<string, string>, code: string): string {
  return locations.get(code) ?? code
}
