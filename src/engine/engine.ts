/** The engine: every operation of the contract over a strategy and a store. */
import type {
  AdjustOutcome,
  ConfirmOutcome,
  ExtendOutcome,
  ReleaseOutcome,
  ReserveOutcome,
  SetSafetyStockOutcome,
} from "../core/commands.ts"
import { PAGE_LIMIT_DEFAULT } from "../core/limits.ts"
import type { Reservation } from "../core/model.ts"
import { adjust } from "./adjust.ts"
import { confirm } from "./confirm.ts"
import { createContext, type EngineOptions } from "./context.ts"
import type { EventBatch, EventFeed, EventPage, LiveFeed } from "./event-feed.ts"
import { type ExplainOutcome, type ExplainRequest, explain } from "./explain.ts"
import { extend } from "./extend.ts"
import type { ReservationJournal, StockJournalOutcome, StockJournalRequest } from "./journal.ts"
import { keptReading } from "./kept-reading.ts"
import type { LiveStock, WatchOutcome } from "./live-stock.ts"
import type { StrategyName } from "./ports.ts"
import { release } from "./release.ts"
import type { AdjustRequest, CallOptions, EventsRequest, FollowRequest, ReserveRequest } from "./requests.ts"
import { reserve } from "./reserve.ts"
import { setSafetyStock } from "./set-safety-stock.ts"
import { Sweeper } from "./sweep.ts"
import type { Verification } from "./verifications.ts"
import type {
  AsOf,
  Availability,
  HoldsSummary,
  HotItemView,
  ItemFilter,
  ItemInput,
  ItemView,
  LocationInput,
  LocationView,
  Page,
  PageRequest,
  PutItemOutcome,
  PutLocationOutcome,
  ReservationFilter,
  SetHotOutcome,
} from "./views.ts"

export type { AdjustRequest, CallOptions, EventsRequest, FollowRequest, ReserveRequest } from "./requests.ts"

export interface Engine {
  readonly strategy: StrategyName
  /** By the clock of the database, which alone decides when a hold ends. */
  now(): Promise<Date>
  reserve(request: ReserveRequest, options?: CallOptions): Promise<ReserveOutcome>
  confirm(
    id: string,
    input?: { reference?: string | undefined },
    options?: CallOptions,
  ): Promise<ConfirmOutcome>
  release(id: string, input?: { reason?: string | undefined }, options?: CallOptions): Promise<ReleaseOutcome>
  extend(id: string, input: { ttlSeconds: number }, options?: CallOptions): Promise<ExtendOutcome>
  adjust(request: AdjustRequest, options?: CallOptions): Promise<AdjustOutcome>
  setSafetyStock(
    request: { sku: string; location: string; safetyStock: number },
    options?: CallOptions,
  ): Promise<SetSafetyStockOutcome>
  putItem(item: ItemInput): Promise<PutItemOutcome>
  putLocation(location: LocationInput): Promise<PutLocationOutcome>
  /** Null: there is no such item. */
  item(sku: string): Promise<ItemView | null>
  items(filter?: ItemFilter): Promise<AsOf<Page<ItemView>>>
  locations(request?: PageRequest): Promise<AsOf<Page<LocationView>>>
  availability(sku: string): Promise<Availability | null>
  /** Lets Redis grant this item from memory, with so many units of each stock level ready; 0 takes all of them back. */
  setHot(request: { sku: string; target: number }): Promise<SetHotOutcome>
  hotItems(): Promise<readonly HotItemView[]>
  /** How many units are held, by age and by time left: read at most once a second. */
  holdsSummary(): Promise<AsOf<HoldsSummary>>
  /** What came of the last checks of the books, newest first. */
  verifications(request?: { limit?: number | undefined }): Promise<readonly Verification[]>
  reservation(id: string): Promise<Reservation | null>
  reservations(filter?: ReservationFilter): Promise<AsOf<Page<Reservation>>>
  /** Why this would be refused now, or was a moment ago: what there is, who holds it, until when. Reserves nothing. */
  explain(request: ExplainRequest): Promise<ExplainOutcome>
  /** What happened to the stock levels of an item, who asked for it, and why. */
  stockJournal(request: StockJournalRequest): Promise<StockJournalOutcome>
  /** Null: there is no such reservation. */
  reservationJournal(id: string): Promise<ReservationJournal | null>
  /** What happened, as events: each at least once, of each stock level in the order of versions. */
  events(request?: EventsRequest): Promise<EventPage>
  /** A cursor after everything that is committed. */
  eventsNow(): Promise<string>
  /**
   * Tells what is available of each item now, and then whenever that has changed, a few times a second at most: the latest
   * counts. Who stops watching costs nothing more.
   */
  watchAvailability(
    skus: readonly string[],
    onChange: (availability: Availability) => void,
  ): Promise<WatchOutcome>
  /** What happens, as it happens, in batches with the cursor after them. */
  followEvents(request?: FollowRequest): AsyncIterable<EventBatch>
  /** Records the end of holds past their deadline, at most `limit`; returns how many. Any number may run at once. */
  sweep(limit?: number): Promise<number>
  /** Answers what was accepted, then leaves nothing running. */
  close(): Promise<void>
}

/** Any number of consoles may look once a second. */
const SUMMARY_KEPT_MS = 1000

export interface EngineFeeds {
  readonly feed: EventFeed
  readonly liveFeed: LiveFeed
  readonly liveStock: LiveStock
}

export function createEngineOver(options: EngineOptions & EngineFeeds): Engine {
  const context = createContext(options)
  const { feed, liveFeed, liveStock } = options
  const { store, strategy } = context
  const sweeper = new Sweeper(context)
  return {
    strategy: strategy.name,
    now: () => store.now(),
    reserve: (request, call) => reserve(context, request, call),
    confirm: (id, input, call) => confirm(context, { id, ...input }, call),
    release: (id, input, call) => release(context, { id, ...input }, call),
    extend: (id, input, call) => extend(context, { id, ...input }, call),
    adjust: (request, call) => adjust(context, request, call),
    setSafetyStock: (request, call) => setSafetyStock(context, request, call),
    putItem: (item) => store.putItem(item),
    putLocation: (location) => store.putLocation(location),
    item: (sku) => store.item(sku),
    items: (filter = {}) => store.items(filter),
    locations: (request = {}) => store.locations(request),
    availability: (sku) => store.availability(sku),
    setHot: ({ sku, target }) => store.setHot(sku, target),
    hotItems: () => store.hotItems(),
    holdsSummary: keptReading(SUMMARY_KEPT_MS, () => store.holdsSummary()),
    verifications: ({ limit = PAGE_LIMIT_DEFAULT } = {}) => store.verifications(limit),
    reservation: (id) => store.reservation(id),
    reservations: (filter = {}) => store.reservations(filter),
    explain: (request) => explain(context, request),
    stockJournal: (request) => store.stockJournal(request),
    reservationJournal: (id) => store.reservationJournal(id),
    events: (request = {}) => feed.page({ ...request, limit: request.limit ?? PAGE_LIMIT_DEFAULT }),
    eventsNow: () => feed.now(),
    watchAvailability: (skus, onChange) => liveStock.watch(skus, onChange),
    followEvents: (request = {}) => liveFeed.follow(request),
    sweep: (limit) => sweeper.sweep(limit),
    async close() {
      await Promise.all([liveFeed.close(), liveStock.close(), sweeper.close(), strategy.close()])
    },
  }
}
