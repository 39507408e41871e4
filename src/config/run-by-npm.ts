import type { Environment } from "./read-config.ts"

/** Whether this process is an npm script; npm sets the variable to the script's name. */
export function isRunByNpm(environment: Environment): boolean {
  return environment["npm_lifecycle_event"] !== undefined
}
