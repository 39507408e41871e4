/**
 * Wrong on purpose: sells units the way it is often written, by reading how many there are, deciding in JavaScript, and
 * writing back the number that is left. Two buyers who read the same number both get the unit, and the second writes over
 * what the first has written. A transaction around it does not help, since reading takes no lock.
 *
 * It is the control of the experiment: a benchmark that counts oversold units must be seen to find some where there are
 * some, or its zeros prove nothing. It is no strategy and cannot be selected: it shares no table, no code and no pool
 * with the engine, and nothing but what shows the mistake may use it.
 */
import { randomUUID } from "node:crypto"
import pg from "pg"

/** One statement on the server: as long as one of the engine, so that whoever shows it can say how long that takes. */
const STATEMENT_TIMEOUT_MS = 4000

export interface BrokenSeller {
  /** Puts a new item up for sale. */
  supply(sku: string, units: number): Promise<void>
  buy(sku: string, customerId: string): Promise<"sold" | "sold_out">
  count(sku: string): Promise<BrokenCount>
  close(): Promise<void>
}

export interface BrokenCount {
  readonly sold: number
  /** What it still offers. */
  readonly available: number
}

export interface BrokenSellerOptions {
  readonly databaseUrl: string
  /** Made if it is not there; dropping it is the caller's business. */
  readonly schema: string
  readonly poolSize: number
}

export async function openBrokenSeller(options: BrokenSellerOptions): Promise<BrokenSeller> {
  const { databaseUrl, schema, poolSize } = options
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: poolSize,
    application_name: "earmark broken",
    statement_timeout: STATEMENT_TIMEOUT_MS,
  })
  pool.on("error", () => {})
  await pool.query(`create schema if not exists ${schema}`)
  // No check that could refuse the mistake: whoever writes it so has none.
  await pool.query(
    `create table if not exists ${schema}.stock (sku text primary key, available int not null)`,
  )
  await pool.query(`
    create table if not exists ${schema}.holds (
      id uuid primary key, sku text not null, customer_id text not null, expires_at timestamptz not null
    )`)
  return {
    async supply(sku, units) {
      await pool.query(`insert into ${schema}.stock (sku, available) values ($1, $2)`, [sku, units])
    },
    buy: (sku, customerId) => buy(pool, schema, { sku, customerId }),
    async count(sku) {
      const { rows } = await pool.query<BrokenCount>(
        `select available, (select count(*)::int from ${schema}.holds h where h.sku = s.sku) as sold
         from ${schema}.stock s
         where s.sku = $1`,
        [sku],
      )
      if (!rows[0]) throw new Error(`there is no ${sku}`)
      return rows[0]
    },
    close: () => pool.end(),
  }
}

async function buy(
  pool: pg.Pool,
  schema: string,
  { sku, customerId }: { sku: string; customerId: string },
): Promise<"sold" | "sold_out"> {
  const client = await pool.connect()
  try {
    await client.query("begin")
    const { rows } = await client.query<{ available: number }>({
      name: "read",
      text: `select available from ${schema}.stock where sku = $1`,
      values: [sku],
    })
    const available = rows[0]?.available ?? 0
    if (available < 1) {
      await client.query("rollback")
      return "sold_out"
    }
    await client.query({
      name: "hold",
      text: `insert into ${schema}.holds (id, sku, customer_id, expires_at) values ($1, $2, $3, now() + interval '10 minutes')`,
      values: [randomUUID(), sku, customerId],
    })
    // Here it goes wrong: by now the number that was read may be that of another time.
    await client.query({
      name: "write",
      text: `update ${schema}.stock set available = $2 where sku = $1`,
      values: [sku, available - 1],
    })
    await client.query("commit")
    return "sold"
  } finally {
    // After a failure the transaction may be open still: such a connection is not used again.
    client.release(client.getTransactionStatus() !== "I")
  }
}
