#!/usr/bin/env node
import { runCli } from "./program.ts"

/** When the answer is there, nothing should be left that keeps the process alive; if something is, it has this long. */
const EXIT_GRACE_MS = 2000

// A reader that has seen enough, such as `head`, is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

const exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  print: (text) => process.stdout.write(`${text}\n`),
  say: (text) => process.stderr.write(`${text}\n`),
})
process.exitCode = exitCode
setTimeout(() => process.exit(exitCode), EXIT_GRACE_MS).unref()
