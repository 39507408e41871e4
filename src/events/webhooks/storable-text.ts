/** What Postgres does not take in a text (NUL), and what would play tricks on a terminal. */
const CONTROL_CHARACTERS = /[\p{Cc}\p{Cf}]/gu

/** An endpoint's own words as they may be recorded: a record that cannot be written would hold up what follows it. */
export function storableText(text: string): string {
  const shown = text.replace(CONTROL_CHARACTERS, (found) => (/[\t\n\r]/.test(found) ? found : "\ufffd"))
  return shown.toWellFormed()
}
