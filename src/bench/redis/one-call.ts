/** What one would write: one call of one script for each reservation, pipelined over one connection. Nothing is persisted. */
import { hash, randomUUID } from "node:crypto"
import { createClient } from "redis"
import { applyLoad } from "../load/apply-load.ts"
import type { Contender } from "../scenario.ts"
import { PLENTY } from "../units.ts"
import { startRedis } from "./redis-server.ts"

/** Units, the hold, its deadline, and an entry for whoever persists it. */
const SCRIPT = `
local free = tonumber(redis.call('GET', KEYS[1]))
if redis.call('EXISTS', KEYS[2]) == 1 then return 'known' end
if free < 1 then return 'short' end
local time = redis.call('TIME')
redis.call('DECRBY', KEYS[1], 1)
redis.call('SET', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[3], time[1] + 600, ARGV[1])
redis.call('XADD', KEYS[4], '*', 'id', ARGV[1], 'hold', ARGV[2])
return 'granted'`

export const oneCall: Contender = {
  name: "one-call",
  role: "limit",
  takes: ({ loop }) => loop === "closed",
  async open({ stopping }) {
    const redis = await startRedis()
    const client = createClient({ url: redis.url, RESP: 2, commandOptions: { timeout: 0 } })
    client.on("error", () => {})
    await client.connect()
    await client.set("{drop}:free", String(PLENTY))
    await client.scriptLoad(SCRIPT)
    const sha1 = hash("sha1", SCRIPT, "hex")
    let granted = 0
    const ask = async (caller: number) => {
      const id = randomUUID()
      const record = JSON.stringify({ c: `c-${caller}`, l: [["DROP", 1]], t: 600 })
      const keys = ["{drop}:free", `{drop}:hold:${id}`, "{drop}:deadlines", "{drop}:stream"]
      const answer = String(await client.sendCommand(["EVALSHA", sha1, "4", ...keys, id, record]))
      if (answer !== "granted") throw new Error(`the script answered ${answer}`)
      granted += 1
    }
    return {
      async measure(load, seconds) {
        const timed = await applyLoad(load, { seconds, stopping, ask })
        const leaked = Math.abs(PLENTY - granted - Number(await client.get("{drop}:free")))
        return { ...timed, oversold: 0, leaked }
      },
      async close() {
        client.destroy()
        await redis.stop()
      },
    }
  },
}
