import { QueryClient } from "@tanstack/react-query"

/** What was read is shown again at once, and looked at anew when the page comes back to it after this long. */
const STALE_MS = 2_000
/** Browsers that know of no network take themselves for offline, while the service is on the same machine. */
const NETWORK_MODE = "always"

/** The client tries again by itself, and knows better what may be: a second layer would only multiply the waiting. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        networkMode: NETWORK_MODE,
        staleTime: STALE_MS,
        // Of a page that asks all the time, a failure is not the end: it goes on asking.
        refetchOnReconnect: true,
        throwOnError: false,
      },
      mutations: { retry: false, networkMode: NETWORK_MODE },
    },
  })
}
