/** The report as one page that needs nothing but itself: no script, no request, no font of its own. */
import { createHash } from "node:crypto"
import type { BenchReport } from "../result.ts"
import { formatBytes, formatDuration, formatInstant, formatNumber, NOTHING } from "./format.ts"
import { goalsOf } from "./goals.ts"
import { controlOf, headlineOf, sizeNote } from "./headline.ts"
import { escapeMarkup } from "./html/markup.ts"
import { repeat, scenarioSection } from "./html/scenario.ts"
import { STYLE } from "./html/style.ts"
import { PROFILE_CAPTION, PROFILE_TITLE, profileTableOf } from "./profile.ts"

export async function renderHtml(report: BenchReport): Promise<string> {
  const scenarios = []
  for (const scenario of report.scenarios) scenarios.push(await scenarioSection(scenario))
  const title = `Earmark benchmark, ${formatInstant(report.startedAt)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${header(report)}
${control(report)}
${goals(report)}
${expectations(report)}
${contents(report)}
${scenarios.join("\n")}
${profile(report)}
</main>
<footer>
${howToRead()}
${surroundings(report)}
</footer>
</body>
</html>
`
}

/** Whatever a name or a command might smuggle in, nothing is loaded or run. */
function policy(): string {
  const digest = createHash("sha256").update(STYLE).digest("base64")
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`
}

function header(report: BenchReport): string {
  const { sentence, facts } = headlineOf(report)
  const note = sizeNote(report)
  const tiles = facts.map(
    ({ value, meaning, verdict }) =>
      `<div><dt${verdict ? ` class="${verdict}"` : ""}>${escapeMarkup(value)}</dt><dd>${escapeMarkup(meaning)}</dd></div>`,
  )
  return `<header>
<p class="over">Earmark benchmark · ${escapeMarkup(formatInstant(report.startedAt))}</p>
<h1>${escapeMarkup(sentence)}</h1>
<dl class="facts">${tiles.join("\n")}</dl>
${note ? `<p class="note">${escapeMarkup(note)}</p>` : ""}
</header>`
}

function control(report: BenchReport): string {
  const found = controlOf(report)
  if (!found) return ""
  return `<section id="control"><h2>Would it have been seen?</h2>
<p class="note ${found.works ? "works" : "failed"}">${escapeMarkup(found.sentence)}</p>
<p>That contender reads how many units there are, decides, and writes back what is left, as it is often written. It can
not be selected as a strategy; it is there so that the zeros of the others mean something.</p></section>`
}

function goals(report: BenchReport): string {
  const rows = goalsOf(report).map(({ sentence, figure, reached }) => {
    const verdict = reached ? '<span class="good">reached</span>' : '<span class="bad">missed</span>'
    return `<tr><td class="sentence">${escapeMarkup(sentence)}</td><td class="number">${escapeMarkup(figure)}</td><td>${verdict}</td></tr>`
  })
  return verdictTable("goals", "What was to be reached", ["goal", "figure", "reached?"], rows)
}

function expectations(report: BenchReport): string {
  const rows = report.expectations.map(({ text, scenario, value, holds }) => {
    const verdict = holds ? '<span class="good">pass</span>' : '<span class="bad">FAIL</span>'
    const what = `<code>${escapeMarkup(text)}</code> in ${escapeMarkup(scenario)}`
    return `<tr><td class="sentence">${what}</td><td class="number">${formatNumber(value)}</td><td>${verdict}</td></tr>`
  })
  return verdictTable(
    "expected",
    "What this run was told to expect",
    ["expectation", "figure", "holds?"],
    rows,
  )
}

function verdictTable(
  id: string,
  title: string,
  [what, figure, verdict]: [string, string, string],
  rows: string[],
): string {
  if (rows.length === 0) return ""
  return `<section id="${id}"><h2 id="${id}-title">${title}</h2>
<div class="scroll" role="region" aria-labelledby="${id}-title" tabindex="0"><table class="rows" aria-labelledby="${id}-title">
<thead><tr><th scope="col">${what}</th><th scope="col" class="number">${figure}</th><th scope="col">${verdict}</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div></section>`
}

function contents(report: BenchReport): string {
  const links = report.scenarios.map(
    ({ name, title }) => `<li><a href="#${escapeMarkup(name)}">${escapeMarkup(title)}</a></li>`,
  )
  if (profileTableOf(report)) links.push(`<li><a href="#profile">${PROFILE_TITLE}</a></li>`)
  return `<section><nav aria-label="Scenarios"><ul>${links.join("\n")}</ul></nav></section>`
}

/** Column by column: side by side they would not fit, least of all on a phone. */
function profile(report: BenchReport): string {
  const table = profileTableOf(report)
  if (!table) return ""
  const parts = table.columns.map((title, index) => {
    const rows = table.rows.flatMap(({ label, cells }) => {
      const { [index]: cell = NOTHING } = cells
      if (cell === NOTHING) return []
      return `<tr><td class="number">${escapeMarkup(cell)}</td><td class="sentence">${escapeMarkup(label)}</td></tr>`
    })
    const caption = escapeMarkup(title)
    return `<table class="rows"><caption>${caption}</caption>
<thead><tr><th scope="col" class="number">us</th><th scope="col">spent on</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`
  })
  return `<section class="scenario" id="profile"><h2>${PROFILE_TITLE}</h2>
<p>${escapeMarkup(PROFILE_CAPTION)}</p>
<div class="plots">${parts.join("\n")}</div></section>`
}

function howToRead(): string {
  return `<section class="scenario" id="reading"><h2>How to read this</h2>
${list([
  [
    "closed loop",
    "Every caller asks again as soon as it is answered. Finds the highest rate; hides queueing.",
  ],
  ["open loop", "Requests are sent by the clock, however long answers take. Finds the latency."],
  [
    "spread",
    "The lowest and the highest of the rounds, in which the contenders took turns. Rates are medians.",
  ],
  ["oversold", "Units granted beyond what there was, counted after every round."],
  [
    "leaked",
    "Units held that nobody was granted, granted that nobody holds, or refused although they were there.",
  ],
  ["limit", "What would be reached if the engine cost nothing: a bare driver, or bare Fastify."],
])}</section>`
}

function surroundings({ machine, postgres, earmark, ...report }: BenchReport): string {
  const settings = Object.entries(postgres.settings).map(([name, value]) => `${name} ${value}`)
  const origin = postgres.origin === "private" ? "private, started for this run" : "the one of DATABASE_URL"
  return `<section class="scenario" id="surroundings"><h2>Measured where, and with what</h2>
${list([
  [
    "machine",
    `${machine.cores} cores (${machine.cpu}), ${formatBytes(machine.memoryBytes)}, ${machine.platform}`,
  ],
  ["Node", machine.node],
  ["Earmark", earmark.commit ? `${earmark.version} at commit ${earmark.commit}` : earmark.version],
  ["Postgres", `${postgres.version} (${origin})`],
  ["its settings", settings.join(", ")],
  [
    "run",
    `size ${report.size}, begun ${formatInstant(report.startedAt)}, took ${formatDuration(report.tookSeconds)}`,
  ],
])}
${repeat(report.command)}</section>`
}

function list(entries: readonly (readonly [string, string])[]): string {
  const lines = entries.map(([term, text]) => `<dt>${escapeMarkup(term)}</dt><dd>${escapeMarkup(text)}</dd>`)
  return `<dl class="list">${lines.join("\n")}</dl>`
}
