/** Where the built web pages are: beside the code that was published, or where a clone builds them. */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const PLACES = ["../pages/", "../../console/dist/"]

/** The folder; undefined when they were not built. */
export function builtPages(): string | undefined {
  const folders = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  return folders.find((folder) => existsSync(`${folder}index.html`))
}
