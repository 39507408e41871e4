/** A reservation inside your own transaction, with Drizzle. */
import { drizzle } from "drizzle-orm/node-postgres"
import { pgTable, text } from "drizzle-orm/pg-core"
import { createEngine } from "earmark"
import { fromDrizzle } from "earmark/drizzle"
import pg from "pg"
import { databaseUrl } from "./database-url.ts"

const bookings = pgTable("bookings", {
  id: text("id").primaryKey(),
  reservation: text("reservation").notNull(),
})
const pool = new pg.Pool({ connectionString: await databaseUrl() })
const db = drizzle(pool)
const engine = await createEngine({ pool })
await engine.putItem({ sku: "ROOM-101", name: "Room 101" })
await engine.putLocation({ code: "HOTEL", name: "Hotel" })
await engine.adjust({ sku: "ROOM-101", location: "HOTEL", delta: 1, reason: "received" })
await pool.query("create table if not exists bookings (id text primary key, reservation text not null)")

const id = await db.transaction(async (tx) => {
  const answer = await engine.reserve({ lines: [{ sku: "ROOM-101", quantity: 1 }] }, { tx: fromDrizzle(tx) })
  if (answer.outcome !== "reserved") throw new Error(`expected a reservation, was answered ${answer.outcome}`)
  await tx.insert(bookings).values({ id: `booking-${Date.now()}`, reservation: answer.reservation.id })
  return answer.reservation.id
})
console.log("booked", (await engine.reservation(id))?.state)
await engine.close()
await pool.end()
