import pg from "pg"
import { TAKE_BACK_MAX } from "../../src/postgres/attempt.ts"

const SKUS = 5000
const LOCATIONS = ["LAX", "JFK"]
/** Units on hand of each level when it was received; 5 of its 10 reservations took one for good. */
const RECEIVED = 100

/**
 * 10,000 stock levels with 100,000 reservations, one line each, and their journal: of ten on a level eight have ended,
 * one is held, and one has expired or, on every twentieth level, is overdue. Keys and journal lie in two periods, and
 * reservations in four. All of it is lawful.
 */
const FILL = `
  select earmark.add_period(30), earmark.open_next_period();
  insert into earmark.items (sku, name) select 'S' || n, 'S' || n from generate_series(1, ${SKUS}) n;
  insert into earmark.locations (code, name, priority) values ('LAX', 'LAX', 1), ('JFK', 'JFK', 2);

  create temporary table entries as
  select level, version, kind, k, on_hand_delta, held_delta
  from generate_series(1, ${SKUS * LOCATIONS.length}) level
  cross join lateral (
    select 1 as version, 'adjusted' as kind, null::int as k, ${RECEIVED} as on_hand_delta, 0 as held_delta
    union all
    select 2 + 2 * k, 'held', k, 0, 1 from generate_series(0, 8) k
    union all
    select 3 + 2 * k, case when k % 2 = 0 then 'confirmed' else 'released' end, k, -((k + 1) % 2), -1
    from generate_series(0, 7) k
    union all
    select 19, 'expired', 8, 0, -1 where level % 20 <> 0
    union all
    select case when level % 20 <> 0 then 20 else 19 end, 'held', 9, 0, 1
  ) e;
  insert into earmark.stock_levels (sku, location, on_hand, held, version)
  select 'S' || (level + 1) / 2, case when level % 2 = 1 then 'LAX' else 'JFK' end,
    sum(on_hand_delta), sum(held_delta), max(version)
  from entries group by level order by level;
  insert into earmark.adjustments (id, stock_level_id, version, delta, idempotency_key, fingerprint)
  select md5('adjustment' || level)::uuid, level, 1, ${RECEIVED}, 'a' || level, md5('f')::uuid
  from generate_series(1, ${SKUS * LOCATIONS.length}) level;

  create temporary table made as
  select uuid as id, level, k, created_at, case when k = 9 then now() + interval '1 hour' else created_at + interval '10 minutes' end as expires_at
  from generate_series(1, ${SKUS * LOCATIONS.length}) level
  cross join generate_series(0, 9) k
  join earmark.periods p on p.id = 1 + k % 4
  cross join lateral (
    select (left(earmark.first_uuid(p.starts_at + interval '1 day')::text, 13) || '-7'
        || overlay(substr(md5(level || '/' || k)::uuid::text, 16) placing '8' from 5))::uuid as uuid,
      date_trunc('milliseconds', now() - interval '1 day' + level * interval '1 second') as created_at
  ) r;
  insert into earmark.reservations
    (id, state, customer_id, stock_level_ids, quantities, ttl_seconds, created_at, expires_at, updated_at)
  select m.id, coalesce(e.kind, 'held'), 'c' || level % 1000, array[level], '{1}', 600, created_at, expires_at, created_at
  from made m left join (select * from entries where kind <> 'held') e using (level, k);
  insert into earmark.idempotency_keys (digest, reservation_id, fingerprint, period)
  select md5('k' || level || '/' || k)::uuid, id, md5('f')::uuid, 1 + k / 5 from made;
  insert into earmark.holds (stock_level_id, expires_at, reservation_id, quantity)
  select m.level, r.expires_at, r.id, 1
  from made m join earmark.reservations r on r.id = m.id where r.state = 'held';
  insert into earmark.journal (stock_level_id, version, kind, reservation_id, adjustment_id,
    on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at, period)
  select e.level, e.version, e.kind, m.id, case when k is null then md5('adjustment' || e.level)::uuid end,
    on_hand_delta, held_delta,
    sum(on_hand_delta) over w, sum(held_delta) over w, 0,
    coalesce(case when e.kind = 'expired' then m.expires_at else m.created_at end, now() - interval '2 days'),
    1 + coalesce(k, 0) / 5
  from entries e left join made m using (level, k)
  window w as (partition by e.level order by e.version);
  insert into earmark.feed
    (position, written_at, period, rows, stock_level_ids, first_versions, last_versions, revoked_ids)
  select nextval('earmark.feed_position'), now(), period, count(*), array[stock_level_id], array[min(version)],
    array[max(version)], '{}'
  from earmark.journal group by period, stock_level_id order by period, stock_level_id;`

/** @param analyzed whether the planner has statistics; without, none appear behind the test's back either */
export async function fillLargeCatalogue(url: string, { analyzed }: { analyzed: boolean }): Promise<void> {
  // Not as the engine connects: whatever keeps its statements to the indexes would keep this from ending.
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("begin")
    // The guards look at a statement's rows at once; here that is all of them.
    await client.query("set local session_replication_role = replica")
    await client.query(FILL)
    const { rows } = await client.query<{ name: string }>(
      "select oid::regclass as name from pg_class where relnamespace = 'earmark'::regnamespace and relkind = 'r'",
    )
    for (const { name } of rows) await client.query(`alter table ${name} set (autovacuum_enabled = false)`)
    await client.query("commit")
    if (analyzed) await client.query("analyze")
  } finally {
    await client.end()
  }
}

/** Overdue holds of the fill; all of them fit into one taking back. */
const OVERDUE = (SKUS * LOCATIONS.length) / 20
if (OVERDUE > TAKE_BACK_MAX) throw new Error("one sweep would not end them all")
