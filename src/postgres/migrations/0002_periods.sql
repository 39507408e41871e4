-- Live holds apart from the record of reservations, keys apart from both, and books that are closed by periods.
-- What a hold writes when it ends is then one update in place, one deletion and one journal row, whatever has been
-- indexed; and what is old can be dropped a period at a time.

-- The first UUIDv7 of a moment, and the moment of a UUIDv7: reservations lie in partitions by the time in their id.
create function "earmark"."first_uuid"(at timestamptz) returns uuid language sql immutable strict as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
--> statement-breakpoint

create function "earmark"."time_of"(id uuid) returns timestamptz language sql immutable strict as $$
  select to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
$$;
--> statement-breakpoint

-- A period of the books. Reservations lie by the time in their id, from starts_at up to ends_at. The journal and the
-- keys are switched to the next period in one step, while nobody writes: so a closed one never changes again, and a key is
-- unique over all of them.
create table "earmark"."periods" (
  "id" integer constraint "periods_pkey" primary key,
  "starts_at" timestamp (3) with time zone not null,
  "ends_at" timestamp (3) with time zone not null,
  "opened_at" timestamp (3) with time zone,
  "closed_at" timestamp (3) with time zone,
  "keys_dropped_at" timestamp (3) with time zone,
  "reservations_dropped_at" timestamp (3) with time zone,
  "journal_dropped_at" timestamp (3) with time zone,
  constraint "periods_ends_at_check" check (ends_at > starts_at),
  constraint "periods_closed_at_check" check (closed_at is null or closed_at >= opened_at)
);
--> statement-breakpoint
create unique index "periods_open_key" on "earmark"."periods" ((true))
  where opened_at is not null and closed_at is null;
--> statement-breakpoint

-- What a level was when the last journal that was dropped ended, and what had been sold of it by reservations that
-- were dropped: with it the rest of the journal still proves every balance.
create table "earmark"."carried_over" (
  "stock_level_id" integer constraint "carried_over_pkey" primary key
    constraint "carried_over_stock_level_id_stock_levels_id_fk" references "earmark"."stock_levels"("id"),
  "version" bigint not null,
  "on_hand" bigint not null,
  "held" bigint not null,
  "safety_stock" bigint not null,
  "sold" bigint not null
);
--> statement-breakpoint

alter table "earmark"."reservations" rename to "former_reservations";
--> statement-breakpoint
alter table "earmark"."journal" rename to "former_journal";
--> statement-breakpoint

-- Written once and ended once: half of each page is left for the row as it is when it has ended, so that this touches
-- no index (HOT).
create table "earmark"."reservations" (
  "id" uuid not null,
  "state" text not null,
  "customer_id" text,
  "stock_level_ids" integer[] not null,
  "quantities" integer[] not null,
  "ttl_seconds" integer not null,
  "created_at" timestamp (3) with time zone not null,
  "expires_at" timestamp (3) with time zone not null,
  "updated_at" timestamp (3) with time zone not null,
  "reference" text,
  "metadata" json,
  constraint "reservations_state_check" check (state in ('held', 'confirmed', 'released', 'expired')),
  constraint "reservations_expires_at_check" check (expires_at > created_at),
  constraint "reservations_lines_check"
    check (cardinality(stock_level_ids) > 0 and cardinality(stock_level_ids) = cardinality(quantities)),
  constraint "reservations_quantities_check" check (coalesce(0 < all(quantities), false))
) partition by range ("id");
--> statement-breakpoint

-- The lines of reservations that are held, and nothing else: as small as what is under way.
create table "earmark"."holds" (
  "stock_level_id" integer not null,
  "expires_at" timestamp (3) with time zone not null,
  "reservation_id" uuid not null,
  "quantity" integer not null,
  constraint "holds_pkey" primary key ("stock_level_id", "expires_at", "reservation_id"),
  constraint "holds_quantity_check" check (quantity > 0)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000);
--> statement-breakpoint

-- Keys and what came with them as digests of 128 bits: all that is ever asked is whether they are the same.
create table "earmark"."idempotency_keys" (
  "digest" uuid not null,
  "reservation_id" uuid not null,
  "fingerprint" uuid not null,
  "period" integer not null
) partition by list ("period");
--> statement-breakpoint

create table "earmark"."journal" (
  like "earmark"."former_journal" including constraints,
  "period" integer not null
) partition by list ("period");
--> statement-breakpoint

-- For ids whose time no period covers: nobody has added periods for months, or a clock is far off.
create table "earmark"."reservations_rest" partition of "earmark"."reservations" default with (fillfactor = 50);
--> statement-breakpoint

-- What a whole table refuses, each partition refuses by itself too: a statement may name it directly.
create function "earmark"."guard_partition"(parent text, partition text) returns void language plpgsql as $$
declare
  guard record;
begin
  for guard in
    select t.tgname, pg_get_triggerdef(t.oid) as definition
    from pg_trigger t
    where t.tgrelid = format('"earmark".%I', parent)::regclass and not t.tgisinternal and t.tgtype & 1 = 0
  loop
    execute regexp_replace(guard.definition, ' ON \S+ ', format(' ON "earmark".%I ', partition));
  end loop;
end
$$;
--> statement-breakpoint

-- Adds the period after the last one, and after whatever no period covered so far. Requests wait for it no longer than
-- it takes to look into a table that is normally empty.
create function "earmark"."add_period"(days integer) returns integer language plpgsql as $$
declare
  last "earmark"."periods";
  added integer;
  since timestamptz;
  until timestamptz;
  strayed timestamptz;
  table_name text;
begin
  select * into last from "earmark"."periods" order by id desc limit 1;
  added := coalesce(last.id, 0) + 1;
  since := date_trunc('day', coalesce(last.ends_at, now()), 'UTC');
  loop
    until := since + days * interval '1 day';
    select "earmark"."time_of"(r.id) into strayed
    from "earmark"."reservations_rest" r
    where r.id >= "earmark"."first_uuid"(since) and r.id < "earmark"."first_uuid"(until)
    order by r.id desc
    limit 1;
    exit when not found;
    since := date_trunc('day', strayed, 'UTC') + interval '1 day';
  end loop;
  insert into "earmark"."periods" (id, starts_at, ends_at, opened_at)
  values (added, since, until, case when added = 1 then now() end);
  foreach table_name in array array['journal', 'idempotency_keys', 'reservations'] loop
    execute format('create table "earmark".%I (like "earmark".%I including constraints)',
      table_name || '_p' || added, table_name);
    perform "earmark"."guard_partition"(table_name, table_name || '_p' || added);
  end loop;
  execute format('alter table "earmark".%I set (fillfactor = 50)', 'reservations_p' || added);
  execute format('alter table "earmark"."journal" attach partition "earmark".%I for values in (%s)',
    'journal_p' || added, added);
  execute format('alter table "earmark"."idempotency_keys" attach partition "earmark".%I for values in (%s)',
    'idempotency_keys_p' || added, added);
  execute format('alter table "earmark"."reservations" attach partition "earmark".%I for values from (%s) to (%L)',
    'reservations_p' || added,
    case when added = 1 then 'minvalue' else quote_literal("earmark"."first_uuid"(since)) end,
    "earmark"."first_uuid"(until));
  return added;
end
$$;
--> statement-breakpoint

-- The period that is open. What there is goes into it.
select "earmark"."add_period"(30);
--> statement-breakpoint

insert into "earmark"."reservations" (id, state, customer_id, stock_level_ids, quantities, ttl_seconds, created_at,
  expires_at, updated_at, reference, metadata)
select r.id, r.state, r.customer_id, l.stock_level_ids, l.quantities, r.ttl_seconds, r.created_at, r.expires_at,
  r.updated_at, r.reference, r.metadata
from "earmark"."former_reservations" r
join (
  select reservation_id, array_agg(stock_level_id order by stock_level_id) as stock_level_ids,
    array_agg(quantity order by stock_level_id) as quantities
  from "earmark"."reservation_lines" group by reservation_id
) l on l.reservation_id = r.id;
--> statement-breakpoint
insert into "earmark"."holds" (stock_level_id, expires_at, reservation_id, quantity)
select stock_level_id, held_until, reservation_id, quantity
from "earmark"."reservation_lines" where held_until is not null;
--> statement-breakpoint
insert into "earmark"."idempotency_keys" (digest, reservation_id, fingerprint, period)
select encode(substring(sha256(convert_to(idempotency_key, 'UTF8')) for 16), 'hex')::uuid, id,
  encode(substring(decode(translate(fingerprint, '-_', '+/') || '=', 'base64') for 16), 'hex')::uuid, 1
from "earmark"."former_reservations" where idempotency_key is not null;
--> statement-breakpoint
insert into "earmark"."journal" select j.*, 1 from "earmark"."former_journal" j;
--> statement-breakpoint
alter table "earmark"."adjustments" disable trigger "adjustments_never_changed";
--> statement-breakpoint
alter table "earmark"."adjustments" add column "version" bigint;
--> statement-breakpoint
update "earmark"."adjustments" a set version = j.version
from "earmark"."former_journal" j where j.adjustment_id = a.id;
--> statement-breakpoint
alter table "earmark"."adjustments" alter column "version" set not null,
  alter column "fingerprint" type uuid
    using encode(substring(decode(translate(fingerprint, '-_', '+/') || '=', 'base64') for 16), 'hex')::uuid;
--> statement-breakpoint
alter table "earmark"."adjustments" enable trigger "adjustments_never_changed";
--> statement-breakpoint
drop table "earmark"."reservation_lines", "earmark"."former_reservations", "earmark"."former_journal";
--> statement-breakpoint
alter table "earmark"."reservations" add constraint "reservations_pkey" primary key ("id");
--> statement-breakpoint
create index "reservations_customer_idx" on "earmark"."reservations" ("customer_id", "id") where customer_id is not null;
--> statement-breakpoint
alter table "earmark"."idempotency_keys" add constraint "idempotency_keys_pkey" primary key ("digest", "period");
--> statement-breakpoint
alter table "earmark"."journal" add constraint "journal_pkey" primary key ("stock_level_id", "version", "period");
--> statement-breakpoint
create index "holds_deadline_idx" on "earmark"."holds" ("expires_at");
--> statement-breakpoint

-- What a journal row names exists, its period included; adjustments now too, which a foreign key would check row by row. Here and below all
-- ids of a statement are looked up at once: that walks the index, and only the partitions of those ids.
create or replace function "earmark"."refuse_unknown_reference"() returns trigger language plpgsql as $$
declare
  named uuid[];
  adjusting uuid[];
  last_period integer;
begin
  select array_agg(distinct a.reservation_id order by a.reservation_id) filter (where a.reservation_id is not null),
    array_agg(a.adjustment_id) filter (where a.adjustment_id is not null), max(a.period)
  into named, adjusting, last_period
  from added a;
  if (select p.opened_at from "earmark"."periods" p where p.id = last_period) is null and last_period is not null
    or cardinality(named) <> (
      select count(*) from "earmark"."reservations" r
      where r.id = any(named) and r.id between named[1] and named[cardinality(named)]
    )
    or cardinality(adjusting) <> (select count(*) from "earmark"."adjustments" d where d.id = any(adjusting))
  then
    raise exception 'a row of % refers to something that does not exist', tg_table_name
      using errcode = 'foreign_key_violation', constraint = 'journal_known_reference';
  end if;
  return null;
end
$$;
--> statement-breakpoint

-- Holds belong to reservations that are held. That the levels of lines exist is certain from their journal rows.
create function "earmark"."refuse_unknown_reservation"() returns trigger language plpgsql as $$
declare
  named uuid[];
begin
  select array_agg(distinct a.reservation_id order by a.reservation_id) into named from added a;
  if cardinality(named) <> (
    select count(*) from "earmark"."reservations" r
    where r.id = any(named) and r.id between named[1] and named[cardinality(named)] and r.state = 'held'
  ) then
    raise exception 'a hold belongs to a reservation that is held'
      using errcode = 'foreign_key_violation', constraint = 'holds_known_reservation';
  end if;
  return null;
end
$$;
--> statement-breakpoint
create function "earmark"."refuse_unended_hold"() returns trigger language plpgsql as $$
declare
  named uuid[];
begin
  select array_agg(h.reservation_id order by h.reservation_id) into named from removed h;
  if exists (
    select from "earmark"."reservations" r
    where r.id = any(named) and r.id between named[1] and named[cardinality(named)] and r.state = 'held'
  ) then
    raise exception 'a hold goes when its reservation has ended'
      using errcode = 'integrity_constraint_violation', constraint = 'holds_ended';
  end if;
  return null;
end
$$;
--> statement-breakpoint

-- The chain: within a statement each row follows from the one before it, and the last one is the stock level as it is
-- now, so a journal row is written together with what it tells of. The row before the first one is not looked for: it may
-- lie in any period, and it was the stock level when it was written.
create or replace function "earmark"."refuse_broken_chain"() returns trigger language plpgsql as $$
begin
  if exists (
    select from (
      select a.stock_level_id, a.version, a.on_hand_delta, a.held_delta, a.on_hand, a.held, a.safety_stock,
        lag(a.version) over by_level as version_before, lag(a.on_hand) over by_level as on_hand_before,
        lag(a.held) over by_level as held_before, lead(a.version) over by_level is null as last
      from added a
      window by_level as (partition by a.stock_level_id order by a.version)
    ) a
    where (a.version, a.on_hand, a.held)
        is distinct from (a.version_before + 1, a.on_hand_before + a.on_hand_delta, a.held_before + a.held_delta)
        and a.version_before is not null
      or a.last and (
        select (s.version, s.on_hand, s.held, s.safety_stock) = (a.version, a.on_hand, a.held, a.safety_stock)
        from "earmark"."stock_levels" s where s.id = a.stock_level_id
      ) is not true
  ) then
    raise exception 'a journal row does not follow from the version before it, or is not what its stock level is now'
      using errcode = 'integrity_constraint_violation', constraint = 'journal_unbroken_chain';
  end if;
  return null;
end
$$;
--> statement-breakpoint

create trigger "journal_append_only" before update or delete or truncate on "earmark"."journal"
  for each statement execute function "earmark"."refuse_journal_change"();
--> statement-breakpoint
create trigger "journal_known_reference" after insert on "earmark"."journal"
  referencing new table as added
  for each statement execute function "earmark"."refuse_unknown_reference"();
--> statement-breakpoint
create trigger "journal_unbroken_chain" after insert on "earmark"."journal"
  referencing new table as added
  for each statement execute function "earmark"."refuse_broken_chain"();
--> statement-breakpoint
create trigger "reservations_never_deleted" before delete or truncate on "earmark"."reservations"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
create trigger "reservations_final_state" before update on "earmark"."reservations"
  for each row when (old.state <> 'held' and new.state is distinct from old.state)
  execute function "earmark"."refuse_final_state_change"();
--> statement-breakpoint
create trigger "reservations_never_changed" before update on "earmark"."reservations"
  for each row when (
    (old.id, old.customer_id, old.stock_level_ids, old.quantities, old.created_at)
      is distinct from (new.id, new.customer_id, new.stock_level_ids, new.quantities, new.created_at)
  )
  execute function "earmark"."refuse_change"();
--> statement-breakpoint
create trigger "idempotency_keys_never_deleted" before delete or truncate on "earmark"."idempotency_keys"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
create trigger "idempotency_keys_never_changed" before update on "earmark"."idempotency_keys"
  for each statement execute function "earmark"."refuse_change"();
--> statement-breakpoint
create trigger "holds_never_truncated" before truncate on "earmark"."holds"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
create trigger "holds_never_changed" before update on "earmark"."holds"
  for each row when (
    (old.stock_level_id, old.reservation_id, old.quantity)
      is distinct from (new.stock_level_id, new.reservation_id, new.quantity)
  )
  execute function "earmark"."refuse_change"();
--> statement-breakpoint
create trigger "holds_known_reservation" after insert on "earmark"."holds"
  referencing new table as added
  for each statement execute function "earmark"."refuse_unknown_reservation"();
--> statement-breakpoint
create trigger "holds_ended" after delete on "earmark"."holds"
  referencing old table as removed
  for each statement execute function "earmark"."refuse_unended_hold"();
--> statement-breakpoint
create trigger "carried_over_never_deleted" before delete or truncate on "earmark"."carried_over"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
select "earmark"."guard_partition"(parent, partition)
from (values ('reservations', 'reservations_p1'), ('reservations', 'reservations_rest'), ('journal', 'journal_p1'),
  ('idempotency_keys', 'idempotency_keys_p1')) as t(parent, partition);
--> statement-breakpoint

-- A period's books are closed for good. Whoever comes late with an old view of things has to come again.
create function "earmark"."refuse_closed_period"() returns trigger language plpgsql as $$
begin
  raise exception '% is closed', tg_table_name
    using errcode = 'serialization_failure', constraint = 'periods_closed';
end
$$;
--> statement-breakpoint

-- Closes the books of the open period and opens those of the next one. Waits until nobody writes, and nobody writes
-- until it is committed: so all of a level's versions in one period come before all of those in the next.
create function "earmark"."open_next_period"() returns integer language plpgsql as $$
declare
  closing integer;
  at timestamptz;
  table_name text;
begin
  lock table "earmark"."stock_levels" in exclusive mode;
  at := clock_timestamp();
  update "earmark"."periods" set closed_at = at where opened_at is not null and closed_at is null returning id into closing;
  update "earmark"."periods" set opened_at = at where id = closing + 1;
  if not found then
    raise exception 'there is no period after %', closing using errcode = 'object_not_in_prerequisite_state';
  end if;
  foreach table_name in array array['journal', 'idempotency_keys'] loop
    execute format('create trigger periods_closed before insert on "earmark".%I
      for each row execute function "earmark"."refuse_closed_period"()', table_name || '_p' || closing);
  end loop;
  return closing + 1;
end
$$;
--> statement-breakpoint

-- Units never move without a new version, which the journal has to explain: nobody corrects a balance by hand in passing.
create function "earmark"."refuse_unversioned_change"() returns trigger language plpgsql as $$
begin
  raise exception 'stock level % cannot change without a journal row: adjust it', old.id
    using errcode = 'integrity_constraint_violation', constraint = 'stock_levels_new_version';
end
$$;
--> statement-breakpoint
create trigger "stock_levels_new_version" before update on "earmark"."stock_levels"
  for each row when (
    (old.on_hand, old.held, old.safety_stock) is distinct from (new.on_hand, new.held, new.safety_stock)
    and new.version <= old.version
  )
  execute function "earmark"."refuse_unversioned_change"();
--> statement-breakpoint

-- Periods are opened once, closed once, and never forgotten.
create trigger "periods_never_deleted" before delete or truncate on "earmark"."periods"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
create trigger "periods_never_changed" before update on "earmark"."periods"
  for each row when (
    (old.id, old.starts_at, old.ends_at) is distinct from (new.id, new.starts_at, new.ends_at)
    or old.opened_at is not null and new.opened_at is distinct from old.opened_at
    or old.closed_at is not null and new.closed_at is distinct from old.closed_at
  )
  execute function "earmark"."refuse_change"();
--> statement-breakpoint

-- Two periods ahead, so that the next one is there when it is needed. How long later ones are is a setting.
select "earmark"."add_period"(30);
--> statement-breakpoint
select "earmark"."add_period"(30);
