import { extname } from "node:path"
import { fileURLToPath } from "node:url"

/**
 * The file of a program that is started and not imported: TypeScript in a clone, JavaScript in the package.
 *
 * @param path without its ending, relative to this folder
 */
export function programPath(path: string): string {
  return fileURLToPath(new URL(path + extname(import.meta.url), import.meta.url))
}
