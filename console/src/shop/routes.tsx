import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { ShopPage } from "./catalogue/shop-page.tsx"

interface ShopSearch {
  /** A part of a sku or a name. */
  readonly q?: string
}

/** The shop's first page comes with the app itself; all others when they are gone to. */
export function shopRoutes<Root extends AnyRoute>(root: Root) {
  return [
    createRoute({
      getParentRoute: () => root,
      path: "/",
      component: ShopPage,
      validateSearch: ({ q }: Record<string, unknown>): ShopSearch =>
        // What is written in the address as a number is read as one.
        q === undefined || q === null || q === "" || typeof q === "object" ? {} : { q: String(q) },
    }),
    createRoute({
      getParentRoute: () => root,
      path: "/basket",
      component: lazyRouteComponent(() => import("./basket/basket-page.tsx"), "BasketPage"),
    }),
    createRoute({
      getParentRoute: () => root,
      path: "/reservations/$id",
      component: lazyRouteComponent(() => import("./reservation/reservation-page.tsx"), "ReservationPage"),
    }),
  ] as const
}
