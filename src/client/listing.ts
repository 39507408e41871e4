/** Lists that are longer than one answer. */
import { askWithAsOf } from "./call.ts"
import type { Context } from "./context.ts"
import { read } from "./operation.ts"
import type { AsOf, CallOptions } from "./options.ts"

export interface PageOf<Row> {
  readonly data: readonly Row[]
  /** Null at the end of the list. */
  readonly nextCursor: string | null
}

/** Nothing is asked for before it is iterated, or one page of it is. */
export interface Listing<Row, Page extends PageOf<Row> = PageOf<Row>> extends AsyncIterable<Row> {
  /** The first page, or the one after the `cursor` of the filter. */
  page(): Promise<Page & AsOf>
  /** From that page to the last one. */
  pages(): AsyncIterable<Page & AsOf>
}

export interface ListingSource {
  readonly path: string
  /** With `limit`, the rows of each page, and `cursor`, where to begin. */
  readonly filter: object
  readonly options?: CallOptions | undefined
}

export function listing<Row, Page extends PageOf<Row> = PageOf<Row>>(
  context: Context,
  { path, filter, options }: ListingSource,
): Listing<Row, Page> {
  const pageAfter = (cursor: object = {}) =>
    askWithAsOf<Page>(context, read(path, { ...filter, ...cursor }), options)
  async function* pages() {
    let page = await pageAfter()
    yield page
    while (page.nextCursor !== null) {
      page = await pageAfter({ cursor: page.nextCursor })
      yield page
    }
  }
  return {
    page: () => pageAfter(),
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const { data } of pages()) yield* data
    },
  }
}
