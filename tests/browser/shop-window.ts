/** The whole service with its pages over an empty database, as a browser meets it. */
import { fileURLToPath } from "node:url"
import { type Client, createClient } from "earmark/client"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import type { TestServiceOptions } from "../http/service.ts"

/** `npm test` has built them; `npm run build:pages` does it too. */
const PAGES = fileURLToPath(new URL("../../console/dist", import.meta.url))

export interface ShopWindow extends ListeningService {
  readonly client: Client
  /** The address of a page. */
  at(path: string): string
}

export async function openShopWindow(options: TestServiceOptions = {}): Promise<ShopWindow> {
  const service = await startListening({ pages: PAGES, ...options })
  return {
    ...service,
    client: createClient({ baseUrl: service.listensOn }),
    at: (path) => service.listensOn + path,
  }
}
