import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"

/** Whatever begins with `/console` has the console's own navigation around it. */
export function consoleRoutes<Root extends AnyRoute>(root: Root) {
  const frame = createRoute({
    getParentRoute: () => root,
    path: "/console",
    component: lazyRouteComponent(() => import("./console-frame.tsx"), "ConsoleFrame"),
  })
  return [
    frame.addChildren([
      createRoute({
        getParentRoute: () => frame,
        path: "/",
        component: lazyRouteComponent(() => import("./overview/overview-page.tsx"), "OverviewPage"),
      }),
    ]),
  ] as const
}
