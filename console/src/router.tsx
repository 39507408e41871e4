/** Every page by its path. `src/http/pages.ts` serves the app for these paths, and its test holds the two together. */
import { createRootRoute, createRouter } from "@tanstack/react-router"
import { consoleRoutes } from "./console/routes.tsx"
import { parseSearch, stringifySearch } from "./search-params.ts"
import { AppFrame } from "./shell/app-frame.tsx"
import { PageError } from "./shell/page-error.tsx"
import { PageMissing } from "./shell/page-missing.tsx"
import { shopRoutes } from "./shop/routes.tsx"
import { theatreRoutes } from "./theatre/routes.tsx"

const rootRoute = createRootRoute({ component: AppFrame })
const routeTree = rootRoute.addChildren([
  ...shopRoutes(rootRoute),
  ...theatreRoutes(rootRoute),
  ...consoleRoutes(rootRoute),
])

export function createAppRouter() {
  return createRouter({
    routeTree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: PageMissing,
  })
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
