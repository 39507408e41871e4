CREATE TABLE "earmark"."adjustments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"stock_level_id" integer NOT NULL,
	"delta" bigint NOT NULL,
	"idempotency_key" text,
	"fingerprint" text,
	CONSTRAINT "adjustments_delta_check" CHECK (delta <> 0),
	CONSTRAINT "adjustments_fingerprint_check" CHECK ((idempotency_key is null) = (fingerprint is null))
);
--> statement-breakpoint
CREATE TABLE "earmark"."items" (
	"sku" text collate "C" PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"image_url" text,
	"metadata" json,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "earmark"."journal" (
	"stock_level_id" integer NOT NULL,
	"version" bigint NOT NULL,
	"kind" text NOT NULL,
	"reservation_id" uuid,
	"adjustment_id" uuid,
	"on_hand_delta" bigint NOT NULL,
	"held_delta" bigint NOT NULL,
	"on_hand" bigint NOT NULL,
	"held" bigint NOT NULL,
	"safety_stock" bigint NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"reason" text,
	"reference" text,
	CONSTRAINT "journal_pkey" PRIMARY KEY("stock_level_id","version"),
	CONSTRAINT "journal_version_check" CHECK (version >= 1),
	CONSTRAINT "journal_held_check" CHECK (held >= 0 and held <= on_hand),
	CONSTRAINT "journal_kind_check" CHECK (case kind
        when 'held' then reservation_id is not null and on_hand_delta = 0 and held_delta > 0
        when 'confirmed' then reservation_id is not null and on_hand_delta = held_delta and held_delta < 0
        when 'released' then reservation_id is not null and on_hand_delta = 0 and held_delta < 0
        when 'expired' then reservation_id is not null and on_hand_delta = 0 and held_delta < 0
        when 'extended' then reservation_id is not null and on_hand_delta = 0 and held_delta = 0
        when 'adjusted' then adjustment_id is not null and on_hand_delta <> 0 and held_delta = 0
        when 'safety_stock_set' then on_hand_delta = 0 and held_delta = 0
        else false
      end)
);
--> statement-breakpoint
CREATE TABLE "earmark"."locations" (
	"code" text collate "C" PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"priority" integer NOT NULL,
	"metadata" json,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "earmark"."reservation_lines" (
	"reservation_id" uuid NOT NULL,
	"stock_level_id" integer NOT NULL,
	"quantity" integer NOT NULL,
	"held_until" timestamp (3) with time zone,
	CONSTRAINT "reservation_lines_pkey" PRIMARY KEY("reservation_id","stock_level_id"),
	CONSTRAINT "reservation_lines_quantity_check" CHECK (quantity > 0)
);
--> statement-breakpoint
CREATE TABLE "earmark"."reservations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"customer_id" text,
	"ttl_seconds" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"reference" text,
	"metadata" json,
	"idempotency_key" text,
	"fingerprint" text,
	CONSTRAINT "reservations_state_check" CHECK (state in ('held', 'confirmed', 'released', 'expired')),
	CONSTRAINT "reservations_expires_at_check" CHECK (expires_at > created_at),
	CONSTRAINT "reservations_fingerprint_check" CHECK ((idempotency_key is null) = (fingerprint is null))
);
--> statement-breakpoint
CREATE TABLE "earmark"."stock_levels" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "earmark"."stock_levels_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"sku" text collate "C" NOT NULL,
	"location" text collate "C" NOT NULL,
	"on_hand" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"safety_stock" bigint DEFAULT 0 NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "stock_levels_sku_location_key" UNIQUE("sku","location"),
	CONSTRAINT "stock_levels_held_check" CHECK (held >= 0 and held <= on_hand),
	CONSTRAINT "stock_levels_on_hand_check" CHECK (on_hand <= 1000000000000),
	CONSTRAINT "stock_levels_safety_stock_check" CHECK (safety_stock between 0 and 1000000000000),
	CONSTRAINT "stock_levels_version_check" CHECK (version >= 0)
);
--> statement-breakpoint
ALTER TABLE "earmark"."adjustments" ADD CONSTRAINT "adjustments_stock_level_id_stock_levels_id_fk" FOREIGN KEY ("stock_level_id") REFERENCES "earmark"."stock_levels"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earmark"."journal" ADD CONSTRAINT "journal_adjustment_id_adjustments_id_fk" FOREIGN KEY ("adjustment_id") REFERENCES "earmark"."adjustments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earmark"."stock_levels" ADD CONSTRAINT "stock_levels_sku_items_sku_fk" FOREIGN KEY ("sku") REFERENCES "earmark"."items"("sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earmark"."stock_levels" ADD CONSTRAINT "stock_levels_location_locations_code_fk" FOREIGN KEY ("location") REFERENCES "earmark"."locations"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "adjustments_idempotency_key" ON "earmark"."adjustments" USING btree ("idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE INDEX "reservation_lines_deadline_idx" ON "earmark"."reservation_lines" USING btree ("stock_level_id","held_until") WHERE held_until is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "reservations_idempotency_key" ON "earmark"."reservations" USING btree ("idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE INDEX "reservations_deadline_idx" ON "earmark"."reservations" USING btree ("expires_at","id") WHERE state = 'held';--> statement-breakpoint
CREATE INDEX "reservations_customer_idx" ON "earmark"."reservations" USING btree ("customer_id","id") WHERE customer_id is not null;