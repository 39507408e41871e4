/** A real cluster: three primaries, each with a replica, on free ports of 127.0.0.1. */
import { onTestFinished } from "vitest"
import { eventually } from "./hot-shop.ts"
import { PERSISTENT, TestRedis } from "./redis-server.ts"

const SLOTS = 16_384
const PRIMARIES = 3
const PASSWORD = "secret"
const CLUSTER = {
  "cluster-enabled": "yes",
  "cluster-node-timeout": "1000",
  requirepass: PASSWORD,
  masterauth: PASSWORD,
  ...PERSISTENT,
}

export interface TestCluster {
  /** Of a member that is not killed. */
  readonly url: string
  readonly primaries: readonly TestRedis[]
  readonly replicas: readonly TestRedis[]
}

export async function startCluster(): Promise<TestCluster> {
  const members = await Promise.all(Array.from({ length: 2 * PRIMARIES }, () => TestRedis.start(CLUSTER)))
  onTestFinished(async () => {
    await Promise.all(members.map((member) => member.remove()))
  })
  const primaries = members.slice(0, PRIMARIES)
  const replicas = members.slice(PRIMARIES)
  const [first, ...others] = members as [TestRedis, ...TestRedis[]]
  for (const [index, primary] of primaries.entries()) {
    const from = Math.floor((SLOTS * index) / PRIMARIES)
    const to = Math.floor((SLOTS * (index + 1)) / PRIMARIES) - 1
    await primary.command("CLUSTER", "ADDSLOTSRANGE", String(from), String(to))
    await primary.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1))
  }
  for (const other of others) await first.command("CLUSTER", "MEET", "127.0.0.1", String(other.port))
  await eventually(
    async () => (await Promise.all(members.map(knows))).every((count) => count === members.length),
    "all have met",
  )
  for (const [index, replica] of replicas.entries()) {
    const id = String(await primaries[index]?.command("CLUSTER", "MYID"))
    await replica.command("CLUSTER", "REPLICATE", id)
  }
  await eventually(async () => (await Promise.all(members.map(isReady))).every(Boolean), "the cluster is up")
  return { url: (members.at(-1) ?? first).url, primaries, replicas }
}

async function knows(member: TestRedis): Promise<number> {
  return String(await member.command("CLUSTER", "NODES"))
    .trim()
    .split("\n").length
}

async function isReady(member: TestRedis): Promise<boolean> {
  const state = String(await member.command("CLUSTER", "INFO"))
  const replication = String(await member.command("INFO", "replication"))
  const isLinked = replication.includes("role:master")
    ? replication.includes("connected_slaves:1")
    : replication.includes("master_link_status:up")
  return state.includes("cluster_state:ok") && isLinked
}
