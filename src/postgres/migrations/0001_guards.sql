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

-- Hot rows: room on the page keeps updates in place (HOT), and vacuum comes early to small, busy tables.
alter table "earmark"."stock_levels" set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
