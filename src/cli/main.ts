#!/usr/bin/env node
import pc from "picocolors"
import { runCli } from "./program.ts"

/** When the answer is there, nothing should be left that keeps the process alive; if something is, it has this long. */
const EXIT_GRACE_MS = 2000

// A reader that has seen enough, such as `head`, is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

/** Goes to the start of the line and clears it. */
const REWRITE = "\r\u001b[2K"
let isProgressShown = false

function showProgress(text: string): void {
  if (!process.stderr.isTTY) return
  // What is wrapped into a second line cannot be cleared.
  process.stderr.write(`${REWRITE}${text.slice(0, process.stderr.columns - 1)}`)
  isProgressShown = true
}

function say(text: string): void {
  process.stderr.write(`${isProgressShown ? REWRITE : ""}${text}\n`)
  isProgressShown = false
}

const exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  print: (text) => process.stdout.write(`${text}\n`),
  say,
  showProgress,
  isWatched: process.stderr.isTTY === true,
  colors: pc.createColors(process.stderr.isTTY === true && pc.isColorSupported),
  printColors: pc.createColors(process.stdout.isTTY === true && pc.isColorSupported),
})
process.exitCode = exitCode
setTimeout(() => process.exit(exitCode), EXIT_GRACE_MS).unref()
