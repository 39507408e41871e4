import { useQuery } from "@tanstack/react-query"
import { operator } from "../../api/client.ts"

const READ_AGAIN_MS = 10_000

/** What came of the last runs of `earmark verify`, newest first. */
export function useVerifications(limit: number) {
  return useQuery({
    queryKey: ["verifications", limit],
    queryFn: ({ signal }) => operator.health.verifications({ limit }, { signal }),
    refetchInterval: READ_AGAIN_MS,
  })
}
