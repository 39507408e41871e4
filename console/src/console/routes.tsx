import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"
import { deliveriesFilter, eventsFilter, reservationsFilter, searchText, stockFilter } from "./filters.ts"
import { linesIn } from "./refusals/basket-lines.ts"

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
      createRoute({
        getParentRoute: () => frame,
        path: "/stock",
        validateSearch: stockFilter,
        component: lazyRouteComponent(() => import("./stock/stock-page.tsx"), "StockPage"),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: "/stock/$sku",
        component: lazyRouteComponent(() => import("./stock/item-page.tsx"), "ItemPage"),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: "/reservations",
        validateSearch: reservationsFilter,
        component: lazyRouteComponent(
          () => import("./reservations/reservations-page.tsx"),
          "ReservationsPage",
        ),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: "/reservations/$id",
        component: lazyRouteComponent(() => import("./reservations/reservation-page.tsx"), "ReservationPage"),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: "/refusals",
        validateSearch: linesIn,
        component: lazyRouteComponent(() => import("./refusals/refusals-page.tsx"), "RefusalsPage"),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: "/events",
        validateSearch: eventsFilter,
        component: lazyRouteComponent(() => import("./events/events-page.tsx"), "EventsPage"),
      }),
      ...handedOnRoutes(frame),
      createRoute({
        getParentRoute: () => frame,
        path: "/verifications",
        component: lazyRouteComponent(
          () => import("./verifications/verifications-page.tsx"),
          "VerificationsPage",
        ),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: "/search",
        validateSearch: searchText,
        component: lazyRouteComponent(() => import("./search/search-page.tsx"), "SearchPage"),
      }),
    ]),
  ] as const
}

/** Who is told of events, and what of them could not be told. */
function handedOnRoutes<Frame extends AnyRoute>(frame: Frame) {
  return [
    createRoute({
      getParentRoute: () => frame,
      path: "/webhooks",
      component: lazyRouteComponent(() => import("./webhooks/webhooks-page.tsx"), "WebhooksPage"),
    }),
    createRoute({
      getParentRoute: () => frame,
      path: "/webhooks/$id",
      validateSearch: deliveriesFilter,
      component: lazyRouteComponent(() => import("./webhooks/webhook-page.tsx"), "WebhookPage"),
    }),
    createRoute({
      getParentRoute: () => frame,
      path: "/sinks",
      component: lazyRouteComponent(() => import("./sinks/sinks-page.tsx"), "SinksPage"),
    }),
    createRoute({
      getParentRoute: () => frame,
      path: "/sinks/$name",
      component: lazyRouteComponent(() => import("./sinks/dead-letters-page.tsx"), "DeadLettersPage"),
    }),
  ] as const
}
