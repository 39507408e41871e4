import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"

export function theatreRoutes<Root extends AnyRoute>(root: Root) {
  return [
    createRoute({
      getParentRoute: () => root,
      path: "/theatre",
      component: lazyRouteComponent(() => import("./theatre-page.tsx"), "TheatrePage"),
    }),
  ] as const
}
