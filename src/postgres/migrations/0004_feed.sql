-- The feed: in which order the journal is told of. Each statement that writes the journal adds one row, in a trigger, so that
-- nothing can be written without it; and one row tells of hundreds of changes, where these are written together.

create sequence "earmark"."feed_position" as bigint;
--> statement-breakpoint
create table "earmark"."feed" (
  "position" bigint not null,
  "written_at" timestamp with time zone not null,
  "period" integer not null,
  "rows" integer not null,
  "stock_level_ids" integer[] not null,
  "first_versions" bigint[] not null,
  "last_versions" bigint[] not null,
  "revoked_ids" uuid[] not null
) partition by list ("period");
--> statement-breakpoint
alter table "earmark"."items" add column "low_stock_threshold" bigint;
--> statement-breakpoint
alter table "earmark"."periods" add column "feed_through" bigint;
--> statement-breakpoint
alter table "earmark"."journal" add column "expires_at" timestamp (3) with time zone, add column "allotted" bigint,
  add column "origin" json;
--> statement-breakpoint
-- What is allotted after each change of it, of what is in the journal already.
alter table "earmark"."journal" disable trigger "journal_append_only";
--> statement-breakpoint
update "earmark"."journal" j
set allotted = a.allotted
from (
  select e.stock_level_id, e.version,
    coalesce(c.allotted, 0) + sum(e.held_delta) over (partition by e.stock_level_id order by e.version) as allotted
  from "earmark"."journal" e
  left join "earmark"."carried_over" c on c.stock_level_id = e.stock_level_id
  where e.kind in ('allotted', 'drawn', 'given_back')
) a
where j.stock_level_id = a.stock_level_id and j.version = a.version;
--> statement-breakpoint
alter table "earmark"."journal" enable trigger "journal_append_only";
--> statement-breakpoint
create index "journal_allotted_idx" on "earmark"."journal" ("stock_level_id", "version") where allotted is not null;
--> statement-breakpoint

create trigger "feed_append_only" before update or delete or truncate on "earmark"."feed"
  for each statement execute function "earmark"."refuse_journal_change"();
--> statement-breakpoint
do $$
declare
  kept integer;
begin
  for kept in select id from "earmark"."periods" where journal_dropped_at is null loop
    execute format('create table "earmark".%I partition of "earmark"."feed" for values in (%s)', 'feed_p' || kept, kept);
    perform "earmark"."guard_partition"('feed', 'feed_p' || kept);
  end loop;
end
$$;
--> statement-breakpoint

-- What is there already, a moment at a time; where a clock has been set back, at the moment that the level had reached.
insert into "earmark"."feed" (position, written_at, period, rows, stock_level_ids, first_versions, last_versions, revoked_ids)
select nextval('"earmark"."feed_position"'), m.*, '{}'
from (
  select l.at, l.period, sum(l.rows) as rows, array_agg(l.stock_level_id order by l.stock_level_id) as level_ids,
    array_agg(l.first order by l.stock_level_id) as first, array_agg(l.last order by l.stock_level_id) as last
  from (
    select j.at, j.period, j.stock_level_id, count(*) as rows, min(j.version) as first, max(j.version) as last
    from (
      select period, stock_level_id, version, max(occurred_at) over (partition by stock_level_id order by version) as at
      from "earmark"."journal"
    ) j
    group by j.at, j.period, j.stock_level_id
  ) l
  group by l.period, l.at
  order by l.period, l.at
) m;
--> statement-breakpoint
insert into "earmark"."feed" (position, written_at, period, rows, stock_level_ids, first_versions, last_versions, revoked_ids)
select nextval('"earmark"."feed_position"'), clock_timestamp(), p.id, 0, '{}', '{}', '{}', r.ids
from (select array_agg(id order by revoked_at, id) as ids from "earmark"."revocations") r
join "earmark"."periods" p on p.opened_at is not null and p.closed_at is null
where r.ids is not null;
--> statement-breakpoint
alter table "earmark"."feed" add constraint "feed_pkey" primary key ("position", "period");
--> statement-breakpoint
-- The position is taken while the levels are locked by whoever writes, and after its first row was: of two changes of one
-- level the later one gets the higher position, and whoever has a position has a transaction id.
create function "earmark"."feed_journal"() returns trigger language plpgsql as $$
begin
  insert into "earmark"."feed"
    (position, written_at, period, rows, stock_level_ids, first_versions, last_versions, revoked_ids)
  select nextval('"earmark"."feed_position"'), clock_timestamp(), max(l.period), sum(l.rows),
    array_agg(l.stock_level_id), array_agg(l.first), array_agg(l.last), '{}'
  from (
    select a.stock_level_id, count(*) as rows, min(a.version) as first, max(a.version) as last, max(a.period) as period
    from added a
    group by a.stock_level_id
  ) l
  having count(*) > 0;
  return null;
end
$$;
--> statement-breakpoint
create function "earmark"."feed_revocations"() returns trigger language plpgsql as $$
begin
  insert into "earmark"."feed"
    (position, written_at, period, rows, stock_level_ids, first_versions, last_versions, revoked_ids)
  select nextval('"earmark"."feed_position"'), clock_timestamp(),
    (select p.id from "earmark"."periods" p where p.opened_at is not null and p.closed_at is null),
    0, '{}', '{}', '{}', array_agg(a.id)
  from added a
  having count(*) > 0;
  return null;
end
$$;
--> statement-breakpoint
create trigger "journal_fed" after insert on "earmark"."journal"
  referencing new table as added
  for each statement execute function "earmark"."feed_journal"();
--> statement-breakpoint
create trigger "revocations_fed" after insert on "earmark"."revocations"
  referencing new table as added
  for each statement execute function "earmark"."feed_revocations"();
--> statement-breakpoint
do $$
declare
  kept integer;
begin
  for kept in select id from "earmark"."periods" where journal_dropped_at is null loop
    execute format('create trigger "journal_fed" after insert on "earmark".%I referencing new table as added
      for each statement execute function "earmark"."feed_journal"()', 'journal_p' || kept);
  end loop;
end
$$;
--> statement-breakpoint

-- As before, and the feed with the journal.
create or replace function "earmark"."add_period"(days integer) returns integer language plpgsql as $$
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
  foreach table_name in array array['journal', 'feed', 'idempotency_keys', 'reservations'] loop
    execute format('create table "earmark".%I (like "earmark".%I including constraints)',
      table_name || '_p' || added, table_name);
    perform "earmark"."guard_partition"(table_name, table_name || '_p' || added);
  end loop;
  execute format('alter table "earmark".%I set (fillfactor = 50)', 'reservations_p' || added);
  execute format('alter table "earmark"."journal" attach partition "earmark".%I for values in (%s)',
    'journal_p' || added, added);
  execute format('alter table "earmark"."feed" attach partition "earmark".%I for values in (%s)',
    'feed_p' || added, added);
  execute format('alter table "earmark"."idempotency_keys" attach partition "earmark".%I for values in (%s)',
    'idempotency_keys_p' || added, added);
  execute format('alter table "earmark"."reservations" attach partition "earmark".%I for values from (%s) to (%L)',
    'reservations_p' || added,
    case when added = 1 then 'minvalue' else quote_literal("earmark"."first_uuid"(since)) end,
    "earmark"."first_uuid"(until));
  return added;
end
$$;
