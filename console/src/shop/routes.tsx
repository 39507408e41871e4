import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { ShopPage } from "./shop-page.tsx"

/** The shop's first page comes with the app itself; all others when they are gone to. */
export function shopRoutes<Root extends AnyRoute>(root: Root) {
  return [
    createRoute({ getParentRoute: () => root, path: "/", component: ShopPage }),
    createRoute({
      getParentRoute: () => root,
      path: "/basket",
      component: lazyRouteComponent(() => import("./basket-page.tsx"), "BasketPage"),
    }),
    createRoute({
      getParentRoute: () => root,
      path: "/reservations/$id",
      component: lazyRouteComponent(() => import("./reservation-page.tsx"), "ReservationPage"),
    }),
  ] as const
}
