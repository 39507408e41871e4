/** A reservation inside your own transaction, with `pg`: your row and our hold live or die together. */
import { createEngine } from "earmark"
import pg from "pg"
import { databaseUrl } from "./database-url.ts"

const pool = new pg.Pool({ connectionString: await databaseUrl() })
const engine = await createEngine({ pool })
await engine.putItem({ sku: "TICKET", name: "Concert ticket" })
await engine.putLocation({ code: "HALL", name: "Concert hall" })
await engine.adjust({ sku: "TICKET", location: "HALL", delta: 1, reason: "received" })
await pool.query("create table if not exists orders (id text primary key, reservation text not null)")

const client = await pool.connect()
try {
  await client.query("begin")
  const answer = await engine.reserve({ lines: [{ sku: "TICKET", quantity: 1 }] }, { tx: client })
  if (answer.outcome !== "reserved") throw new Error(`expected a reservation, was answered ${answer.outcome}`)
  await client.query("insert into orders (id, reservation) values ($1, $2)", [
    `order-${Date.now()}`,
    answer.reservation.id,
  ])
  await client.query("commit")
  console.log("committed", (await engine.reservation(answer.reservation.id))?.state)

  await client.query("begin")
  const undone = await engine.release(answer.reservation.id, { reason: "changed my mind" }, { tx: client })
  await client.query("rollback")
  console.log("rolled back", undone.outcome, (await engine.reservation(answer.reservation.id))?.state)
} finally {
  client.release()
}
await engine.close()
await pool.end()
