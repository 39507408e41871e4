/** Runs before `npm start` and the tests, which need the web pages. */
import { buildPages } from "./pages.mjs"

await buildPages(process.argv[2])
