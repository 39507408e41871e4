import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chown, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { StartError } from "../../core/errors.ts"
import type { Binaries } from "./binaries.ts"
import { PASSWORD_FILE } from "./cluster.ts"
import { makeParentFolder, putInPlace, removeStaleFolders, syncFolder, unfinishedName } from "./folders.ts"
import type { RunAs } from "./unprivileged.ts"

export const SUPERUSER = "earmark"

/** 24 bytes: 192 bits, and no padding in base64url, so that it goes into a url as it is. */
const PASSWORD_BYTES = 24

/** Half a second on a laptop; a slow, busy disk takes some seconds. */
const INITDB_MS_MAX = 120_000

/** How much of what initdb said is quoted; the reason is in its last lines. */
const QUOTED_LINES_MAX = 6

/**
 * Makes the cluster beside its place and renames it there: a crash half-way leaves no half cluster, and of two
 * processes at once the first one's cluster stands, together with its password.
 */
export async function makeCluster(folder: string, binaries: Binaries, runAs: RunAs | null): Promise<void> {
  await makeParentFolder(dirname(folder))
  await removeStaleFolders(folder)
  const unfinished = unfinishedName(folder)
  const passwordFile = join(unfinished, "password")
  const made = join(unfinished, "cluster")
  try {
    await mkdir(unfinished, { mode: 0o700 })
    const password = randomBytes(PASSWORD_BYTES).toString("base64url")
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flush: true })
    if (runAs !== null) {
      await chown(unfinished, runAs.uid, runAs.gid)
      await chown(passwordFile, runAs.uid, runAs.gid)
    }
    await runInitdb(made, passwordFile, { binaries, runAs })
    await rename(passwordFile, join(made, PASSWORD_FILE))
    await syncFolder(made)
    await putInPlace(made, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

interface InitdbOptions {
  readonly binaries: Binaries
  readonly runAs: RunAs | null
}

async function runInitdb(folder: string, passwordFile: string, options: InitdbOptions): Promise<void> {
  const flags = [
    `--pgdata=${folder}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // The built-in provider sorts the same on every machine, whatever its C library and its locales are.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
  ]
  const { binaries, runAs } = options
  try {
    await promisify(execFile)(binaries.initdb, flags, {
      cwd: binaries.folder,
      env: { ...process.env, LC_ALL: "C" },
      timeout: INITDB_MS_MAX,
      windowsHide: true,
      ...runAs,
    })
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : ""
    const lines = (said || String(error)).split("\n").slice(-QUOTED_LINES_MAX).join("\n")
    throw new StartError(
      `initdb could not make a database cluster in ${dirname(dirname(folder))} (if this cannot be mended, set ` +
        `DATABASE_URL to a Postgres of yours); it said:\n${lines}`,
      { cause: error },
    )
  }
}
