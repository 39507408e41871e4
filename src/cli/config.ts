import { describeSettings, type SettingReport } from "../config/read-config.ts"
import { type CommandDefinition, EXIT_FAILED, EXIT_OK } from "./command.ts"
import { table } from "./table.ts"

export const configCommand: CommandDefinition = {
  name: "config",
  summary: "print the settings in force",
  description:
    "Prints every setting with its value, where it came from and what it means. Passwords are not shown. " +
    "Exits with 1 when a setting is wrong, and says which.",
  json: "print { settings: [{ name, value, source, meaning }], problems } as JSON",
  examples: [
    { line: "earmark config", meaning: "what would be in force here" },
    { line: "PORT=80x earmark config", meaning: "what is wrong, and what is expected" },
  ],
  async run(context, { json = false }) {
    const report = describeSettings(context.environment)
    if (json) context.print(JSON.stringify(report, null, 2))
    else context.print(table(["setting", "value", "source", "meaning"], report.settings.map(rowOf)))
    if (!json && report.problems.length > 0)
      context.say(["", "wrong:", ...report.problems].join("\n  ").trimStart())
    return report.problems.length === 0 ? EXIT_OK : EXIT_FAILED
  },
}

function rowOf({ name, value, source, meaning }: SettingReport): string[] {
  return [name, value ?? "-", source, meaning]
}
