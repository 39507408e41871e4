import type { Engine } from "../../engine/engine.ts"
import { hotItem, hotItemBody, hotItemList } from "../../protocol/hot-items.ts"
import { itemParams } from "../../protocol/items.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"
import { refusalTrouble, toProblem } from "../problems.ts"

const TAG = "Hot items"

export function hotItemRoutes(server: HttpServer, engine: Engine): void {
  const put = describe({
    id: "setHot",
    tag: TAG,
    summary: "Let Redis grant an item from memory",
    description:
      "Takes effect within seconds where services and workers run the strategy `redis`; without them Postgres sells " +
      "every unit, as before.",
    kind: "command",
    answers: { 200: { description: "Set.", schema: hotItem } },
    errors: ["item_not_found"],
  })
  server.put(
    "/v1/items/:sku/hot",
    { schema: { ...put, params: itemParams, body: hotItemBody } },
    async (request, reply) => {
      const outcome = await engine.setHot({ sku: request.params.sku, target: request.body.target })
      if (outcome.outcome === "item_not_found") return toProblem(reply, refusalTrouble(outcome))
      return outcome.item
    },
  )

  const list = describe({
    id: "listHotItems",
    tag: TAG,
    summary: "List the items that Redis grants",
    description: "Also those that are cooling down, until the last unit is back.",
    kind: "read",
    answers: { 200: { description: "All of them.", schema: hotItemList } },
  })
  server.get("/v1/hot-items", { schema: list }, async () => ({ data: [...(await engine.hotItems())] }))
}
