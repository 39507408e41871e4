import { readConfig } from "../config/read-config.ts"
import { StartError } from "../core/errors.ts"
import { readDeadLetters } from "../redis/dead-letters.ts"
import type { HotPath } from "../redis/hot-path.ts"
import { isAway } from "../redis/server.ts"
import { type CliContext, type CommandDefinition, EXIT_OK, UsageError } from "./command.ts"
import { engineOver, withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { table } from "./table.ts"

const ACTIONS = ["status", "drain", "rebuild", "dead", "replay"] as const
type Action = (typeof ACTIONS)[number]

export const redisCommand: CommandDefinition = {
  name: "redis",
  summary: "look after the hot path: its shards, its stream, its dead letters",
  description:
    "status shows each shard: its epoch, whether it may grant, and what is not persisted yet, or that its Redis does not " +
    "answer. drain persists what there " +
    "is. rebuild begins a new epoch in every shard: it drains, takes all units back, and starts empty, which takes some " +
    "seconds while Postgres sells (workers do so by themselves when Redis has lost something). dead lists stream entries " +
    "that could not be persisted; replay tries them again.",
  json: "print the result as JSON",
  operands: { name: "action", description: `one of ${ACTIONS.join(", ")} (default: status)` },
  examples: [
    { line: "earmark redis", meaning: "how the shards are" },
    { line: "earmark redis drain", meaning: "before Redis is stopped" },
    { line: "earmark redis replay", meaning: "when what was wrong with the dead letters is mended" },
  ],
  run(context, { json = false }, operands) {
    const action = parseAction(operands)
    const config = readConfig(context.environment)
    if (config.redisUrl === null) throw new StartError("REDIS_URL is not set")
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      const { engine, hotPath } = await engineOver(
        pool,
        { ...config, strategy: "redis" },
        { hooks: { closeWaitMs: 0, mustReach: true } },
      )
      try {
        if (hotPath === null) throw new StartError("there is no hot path")
        const result = await RUN[action](context, hotPath)
        if (json) context.print(JSON.stringify(result.json, null, 2))
        else if (result.text !== null) context.print(result.text)
        return EXIT_OK
      } finally {
        await engine.close()
      }
    })
  },
}

function parseAction(operands: readonly string[]): Action {
  const [action = "status", ...more] = operands
  if (more.length > 0) throw new UsageError("expected one action")
  const found = ACTIONS.find((name) => name === action)
  if (!found) throw new UsageError(`${action}: expected one of ${ACTIONS.join(", ")}`)
  return found
}

interface Result {
  readonly json: object
  readonly text: string | null
}

const RUN: Record<Action, (context: CliContext, hotPath: HotPath) => Promise<Result>> = {
  async status(context, hotPath) {
    const shards = await Promise.all(
      hotPath.shards.map(async (shard) => {
        const record = hotPath.hot.recordOf(shard.number)
        const known = {
          shard: shard.number,
          epoch: record?.epoch ?? 0,
          state: record?.state ?? ("new" as const),
        }
        try {
          const { epoch: said, ...there } = await shard.status(known.epoch)
          return { ...known, said, ...there }
        } catch (error) {
          if (!isAway(error)) throw error
          return { ...known, state: "away" as const }
        }
      }),
    )
    const away = shards.filter(({ state }) => state === "away").map(({ shard }) => shard)
    if (away.length > 0) context.say(`the Redis that has shards ${away.join(", ")} does not answer`)
    const rows = shards.map((one) => {
      const known = [String(one.shard), String(one.epoch)]
      if (!("grants" in one)) return [...known, one.state, "-", "-", "-", "-"]
      return [
        ...known,
        one.state === "open" && !one.isOpen ? "lost" : one.state,
        String(one.grants),
        String(one.entries),
        one.oldest === null ? "-" : `${((one.nowMs - one.oldest.ms) / 1000).toFixed(1)} s`,
        String(one.deadLetters),
      ]
    })
    const head = ["shard", "epoch", "state", "grants", "entries", "lag", "dead letters"]
    return { json: { shards }, text: table(head, rows) }
  },

  async drain(context, hotPath) {
    let persisted = 0
    for (const shard of hotPath.shards) {
      persisted += await hotPath.drain(shard)
      context.showProgress(`shard ${shard.number}: ${persisted} persisted`)
    }
    context.say(`${persisted} reservations were persisted`)
    return { json: { persisted }, text: null }
  },

  async rebuild(context, hotPath) {
    context.say("fencing the shards; this takes some seconds")
    const rebuilt = await Promise.all(
      hotPath.shards.map(async (shard) => ({ shard: shard.number, rebuilt: await hotPath.rebuild(shard) })),
    )
    const rows = rebuilt.map(({ shard, rebuilt: one }) =>
      one === null
        ? [String(shard), "-", "-", "-", "a worker is at it"]
        : [String(shard), String(one.epoch), String(one.persisted), String(one.unitsTakenBack), ""],
    )
    const head = ["shard", "epoch", "persisted", "units taken back", ""]
    return { json: { shards: rebuilt }, text: table(head, rows) }
  },

  async dead(context, hotPath) {
    const letters = (await Promise.all(hotPath.shards.map(readDeadLetters))).flat()
    if (letters.length === 0) context.say("there are no dead letters")
    const rows = letters.map(({ shard, id, reason, ids }) => [
      String(shard),
      id,
      ids.join(" ") || "-",
      reason,
    ])
    const text = rows.length === 0 ? null : table(["shard", "letter", "reservations", "reason"], rows)
    return { json: { letters }, text }
  },

  async replay(context, hotPath) {
    const all = await Promise.all(hotPath.shards.map((shard) => hotPath.replay(shard)))
    const sum = (what: keyof (typeof all)[number]) => all.reduce((total, one) => total + one[what], 0)
    const counts = {
      persisted: sum("persisted"),
      revoked: sum("revoked"),
      empty: sum("empty"),
      failed: sum("failed"),
    }
    const { persisted, revoked, empty, failed } = counts
    context.say(
      `of the dead letters ${persisted} were persisted, ${revoked} had been revoked, ${empty} had nothing in them, and ` +
        `${failed} failed again`,
    )
    return { json: counts, text: null }
  },
}
