-- What the tables refuse whoever asks, a hand-written statement included.

-- The journal is append-only.
create function "earmark"."refuse_journal_change"() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is append-only: % is refused', lower(tg_op)
    using errcode = 'integrity_constraint_violation', constraint = 'journal_append_only';
end
$$;
--> statement-breakpoint
create trigger "journal_append_only" before update or delete or truncate on "earmark"."journal"
  for each statement execute function "earmark"."refuse_journal_change"();
--> statement-breakpoint

-- Confirmed, released and expired are final. The condition is evaluated without calling the function.
create function "earmark"."refuse_final_state_change"() returns trigger language plpgsql as $$
begin
  raise exception 'reservation % is %, and that is final', old.id, old.state
    using errcode = 'integrity_constraint_violation', constraint = 'reservations_final_state';
end
$$;
--> statement-breakpoint
create trigger "reservations_final_state" before update on "earmark"."reservations"
  for each row when (old.state <> 'held' and new.state is distinct from old.state)
  execute function "earmark"."refuse_final_state_change"();
--> statement-breakpoint

-- What has happened stays: nothing that the journal tells of is ever deleted.
create function "earmark"."refuse_delete"() returns trigger language plpgsql as $$
begin
  raise exception '% are never deleted', tg_table_name
    using errcode = 'integrity_constraint_violation', constraint = tg_table_name || '_never_deleted';
end
$$;
--> statement-breakpoint
create trigger "stock_levels_never_deleted" before delete or truncate on "earmark"."stock_levels"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
create trigger "reservations_never_deleted" before delete or truncate on "earmark"."reservations"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
create trigger "reservation_lines_never_deleted" before delete or truncate on "earmark"."reservation_lines"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint
create trigger "adjustments_never_deleted" before delete or truncate on "earmark"."adjustments"
  for each statement execute function "earmark"."refuse_delete"();
--> statement-breakpoint

-- A line stays what it was; only its deadline moves, or goes when the hold ends. An adjustment stays as it is.
create function "earmark"."refuse_change"() returns trigger language plpgsql as $$
begin
  raise exception 'a row of % is not changed once it is written', tg_table_name
    using errcode = 'integrity_constraint_violation', constraint = tg_table_name || '_never_changed';
end
$$;
--> statement-breakpoint
create trigger "reservation_lines_never_changed" before update on "earmark"."reservation_lines"
  for each row when (
    (old.reservation_id, old.stock_level_id, old.quantity)
      is distinct from (new.reservation_id, new.stock_level_id, new.quantity)
  )
  execute function "earmark"."refuse_change"();
--> statement-breakpoint
create trigger "adjustments_never_changed" before update on "earmark"."adjustments"
  for each statement execute function "earmark"."refuse_change"();
--> statement-breakpoint

-- Lines and journal rows refer to what exists. Checked for a whole statement at once: with hundreds of rows in one, a
-- foreign key's check of each row would cost more than writing it. What is referred to is never deleted, see above.
create function "earmark"."refuse_unknown_reference"() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct a.stock_level_id from added a) a
    where not exists (select from "earmark"."stock_levels" s where s.id = a.stock_level_id)
  ) or exists (
    select from added a
    where a.reservation_id is not null
      and not exists (select from "earmark"."reservations" r where r.id = a.reservation_id)
  ) then
    raise exception 'a row of % refers to a stock level or a reservation that does not exist', tg_table_name
      using errcode = 'foreign_key_violation', constraint = tg_table_name || '_known_reference';
  end if;
  return null;
end
$$;
--> statement-breakpoint
create trigger "reservation_lines_known_reference" after insert on "earmark"."reservation_lines"
  referencing new table as added
  for each statement execute function "earmark"."refuse_unknown_reference"();
--> statement-breakpoint
create trigger "journal_known_reference" after insert on "earmark"."journal"
  referencing new table as added
  for each statement execute function "earmark"."refuse_unknown_reference"();
--> statement-breakpoint

-- The journal is a chain: versions without a gap, and each balance is the one before plus the change. So confirmed and
-- held units never exceed what adjustments brought in, whoever writes.
create function "earmark"."refuse_broken_chain"() returns trigger language plpgsql as $$
begin
  if exists (
    select
    from added a
    left join "earmark"."journal" p on p.stock_level_id = a.stock_level_id and p.version = a.version - 1
    where (a.version > 1 and p.version is null)
      or a.on_hand <> coalesce(p.on_hand, 0) + a.on_hand_delta
      or a.held <> coalesce(p.held, 0) + a.held_delta
  ) then
    raise exception 'a journal row does not follow from the version before it'
      using errcode = 'integrity_constraint_violation', constraint = 'journal_unbroken_chain';
  end if;
  return null;
end
$$;
--> statement-breakpoint
create trigger "journal_unbroken_chain" after insert on "earmark"."journal"
  referencing new table as added
  for each statement execute function "earmark"."refuse_broken_chain"();
--> statement-breakpoint

-- Hot rows: room on the page keeps updates in place (HOT), and vacuum comes early to small, busy tables.
alter table "earmark"."stock_levels" set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
