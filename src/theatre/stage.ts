/** What a sale needs from the outside: a sandbox that nothing real is in, and somebody who sells from it. */
import type { SaleStrategy } from "../core/sales.ts"
import type { SaleBooks } from "../engine/theatre.ts"

/** Claimed by one process at a time. */
export interface Sandbox {
  /** Never that of the service. */
  readonly schema: string
  /** Makes it empty. */
  clear(): Promise<void>
  /** Lets others have it. */
  close(): Promise<void>
}

export interface Seller {
  /** Puts a new item up for sale. */
  supply(sku: string, units: number): Promise<void>
  /** Asks for one unit, as one buyer. False: there was none left. */
  buy(sku: string, buyer: string): Promise<boolean>
  /** From what is on record; to be called while nobody buys. */
  books(sku: string): Promise<SaleBooks>
  close(): Promise<void>
}

/** Opens every connection: a crowd that waits for the first one is no crowd. */
export async function warmUp(connections: number, ask: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: connections }, ask))
}

export interface Stage<S extends Sandbox = Sandbox> {
  /** Null: another process has it. */
  claim(): Promise<S | null>
  /** The sandbox is all that a seller is given. */
  openSeller(strategy: SaleStrategy, sandbox: S): Promise<Seller>
}
