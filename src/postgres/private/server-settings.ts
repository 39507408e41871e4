/** Each with the reason why it is not left at its default. */
const SETTINGS: Readonly<Record<string, string>> = {
  // Reachable from this machine only, by TCP only: socket paths have a length limit that deep folders exceed.
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // The service's pool, the worker, the bench and a few psql sessions together stay below it.
  max_connections: "200",
  // The hot tables and indexes of a large catalogue fit; small enough for a laptop.
  shared_buffers: "256MB",
  // Checkpoints make the next change of every page write the whole page to the WAL: have few of them under load.
  max_wal_size: "2GB",
  checkpoint_timeout: "15min",
  // The defaults, said aloud: a hold that was acknowledged must outlive a power cut, whatever postgresql.conf says.
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
}

/** The command line of the server; `extra` settings go over ours. */
export function serverFlags(port: number, extra: Readonly<Record<string, string>>): string[] {
  const settings = { ...SETTINGS, ...extra, port: String(port) }
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
}
