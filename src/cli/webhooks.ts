import { readConfig } from "../config/read-config.ts"
import { EarmarkError } from "../core/errors.ts"
import { type CommandDefinition, type CommandOptions, EXIT_OK, UsageError } from "./command.ts"
import { withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { openWebhooksOver } from "./webhook-parts.ts"
import { ACTIONS, actionOf } from "./webhooks/actions.ts"

interface Options extends CommandOptions {
  readonly types?: readonly string[]
  readonly skus?: readonly string[]
  readonly description?: string
}

export const webhooksCommand: CommandDefinition<Options> = {
  name: "webhooks",
  summary: "look after the endpoints that events are sent to",
  description:
    "list shows each webhook and how it does. add URL makes one and prints its secret, once; remove ID removes it, with all " +
    "that it is owed. test ID sends it an event of the type webhook.test. rotate ID replaces its secret; the former one is " +
    "good for a day more. disable ID and enable ID stop it and let it go on where it was. deliveries ID shows what it is " +
    "owed and what was sent; redeliver ID DELIVERY sends one of them again. Workers hear of it within a second.",
  json: "print the result as JSON, as the API has it",
  options: [
    {
      flags: "--types <types>",
      description: "add: only events of these types, with commas between",
      parse: words,
    },
    {
      flags: "--skus <skus>",
      description: "add: only events about these items, with commas between",
      parse: words,
    },
    { flags: "--description <text>", description: "add: what it is, for people" },
  ],
  operands: {
    name: "action",
    description: `one of ${ACTIONS.join(", ")} (default: list); then what it is about`,
  },
  examples: [
    { line: "earmark webhooks", meaning: "how each of them does" },
    {
      line: "earmark webhooks add https://shop.example/hooks --skus MUG-1",
      meaning: "a new one; keep the secret",
    },
    { line: "earmark webhooks test whk_...", meaning: "whether it answers; then look at its deliveries" },
    { line: "earmark webhooks enable whk_...", meaning: "when what was wrong with it is mended" },
    { line: "earmark webhooks redeliver whk_... dlv_17", meaning: "once more" },
  ],
  run(context, { json = false, types, skus, description }, [name = "list", ...words]) {
    const action = actionOf(name)
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      try {
        const webhooks = openWebhooksOver(pool, config)
        const result = await action(webhooks, { words, wishes: { types, skus, description } })
        if (result.said !== undefined) context.say(result.said)
        if (json) context.print(JSON.stringify(result.json, null, 2))
        else if (result.text !== undefined) context.print(result.text)
        return EXIT_OK
      } catch (error) {
        if (error instanceof EarmarkError && error.code === "invalid_request")
          throw new UsageError(error.message)
        throw error
      }
    })
  },
}

/** Of an option whose values have commas between. */
export function words(text: string): readonly string[] {
  return text.split(",").map((word) => word.trim())
}
