CREATE TABLE "earmark"."allotments" (
	"stock_level_id" integer PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"units" bigint NOT NULL,
	"allotted_total" bigint NOT NULL,
	"returned_total" bigint NOT NULL,
	CONSTRAINT "allotments_units_check" CHECK (units >= 0 and units + returned_total <= allotted_total)
);
--> statement-breakpoint
CREATE TABLE "earmark"."hot_items" (
	"sku" text collate "C" PRIMARY KEY NOT NULL,
	"target" bigint NOT NULL,
	"changed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "hot_items_target_check" CHECK (target between 0 and 1000000000000)
);
--> statement-breakpoint
CREATE TABLE "earmark"."redis_shards" (
	"shard" integer PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"state" text NOT NULL,
	"changed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"claimed_by" uuid,
	"claimed_until" timestamp (3) with time zone,
	CONSTRAINT "redis_shards_state_check" CHECK (state in ('open', 'fenced'))
);
--> statement-breakpoint
CREATE TABLE "earmark"."redis_space" (
	"space" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "earmark"."revocations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"reason" text NOT NULL,
	"granted" json NOT NULL,
	"revoked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "revocations_reason_check" CHECK (reason in ('lost', 'late', 'key_claimed'))
);
--> statement-breakpoint
ALTER TABLE "earmark"."journal" DROP CONSTRAINT "journal_kind_check";--> statement-breakpoint
ALTER TABLE "earmark"."carried_over" ADD COLUMN "allotted" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "earmark"."allotments" ADD CONSTRAINT "allotments_stock_level_id_stock_levels_id_fk" FOREIGN KEY ("stock_level_id") REFERENCES "earmark"."stock_levels"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earmark"."hot_items" ADD CONSTRAINT "hot_items_sku_items_sku_fk" FOREIGN KEY ("sku") REFERENCES "earmark"."items"("sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earmark"."journal" ADD CONSTRAINT "journal_kind_check" CHECK (case kind
        when 'held' then reservation_id is not null and on_hand_delta = 0 and held_delta > 0
        when 'confirmed' then reservation_id is not null and on_hand_delta = held_delta and held_delta < 0
        when 'released' then reservation_id is not null and on_hand_delta = 0 and held_delta < 0
        when 'expired' then reservation_id is not null and on_hand_delta = 0 and held_delta < 0
        when 'extended' then reservation_id is not null and on_hand_delta = 0 and held_delta = 0
        when 'adjusted' then adjustment_id is not null and on_hand_delta <> 0 and held_delta = 0
        when 'safety_stock_set' then on_hand_delta = 0 and held_delta = 0
        when 'allotted' then reservation_id is null and on_hand_delta = 0 and held_delta > 0
        when 'drawn' then reservation_id is null and on_hand_delta = 0 and held_delta < 0
        when 'given_back' then reservation_id is null and on_hand_delta = 0 and held_delta < 0
        else false
      end) NOT VALID;--> statement-breakpoint

-- Not valid: there are only new kinds, so what is there needs no looking at, however much it is.

-- A name for the keys in Redis that no other database has.
INSERT INTO "earmark"."redis_space" ("space") VALUES (substr(md5(random()::text || clock_timestamp()::text), 1, 12));
--> statement-breakpoint

-- What was acknowledged and could not be kept is never forgotten.
create trigger "revocations_never_deleted" before delete or truncate on "earmark"."revocations"
  for each statement execute function "earmark"."refuse_delete"();