CREATE TABLE "earmark"."webhook_attempts" (
	"webhook_id" text collate "C" NOT NULL,
	"delivery_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"duration_ms" integer NOT NULL,
	"outcome" text NOT NULL,
	"status" integer,
	"reason" text,
	"excerpt" text NOT NULL,
	CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY("webhook_id","delivery_id","number")
);
--> statement-breakpoint
CREATE TABLE "earmark"."webhook_deliveries" (
	"webhook_id" text collate "C" NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "earmark"."webhook_deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event_id" text NOT NULL,
	"event" json NOT NULL,
	"skus" text[] NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY("webhook_id","id"),
	CONSTRAINT "webhook_deliveries_event_key" UNIQUE("webhook_id","event_id"),
	CONSTRAINT "webhook_deliveries_kind_check" CHECK (kind in ('feed', 'again', 'test')),
	CONSTRAINT "webhook_deliveries_state_check" CHECK (state in ('waiting', 'delivered', 'failed')),
	CONSTRAINT "webhook_deliveries_settled_check" CHECK ((state = 'waiting') = (settled_at is null))
);
--> statement-breakpoint
CREATE TABLE "earmark"."webhooks" (
	"id" text collate "C" PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"types" text[],
	"skus" text[],
	"description" text,
	"secrets" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"disabled_reason" text,
	"revision" bigint DEFAULT 1 NOT NULL,
	"circuit_state" text DEFAULT 'closed' NOT NULL,
	"circuit_failures" integer DEFAULT 0 NOT NULL,
	"circuit_openings" integer DEFAULT 0 NOT NULL,
	"circuit_until" timestamp with time zone,
	"delivered_at" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone,
	"failure" text,
	"claimed_by" uuid,
	"claimed_until" timestamp with time zone,
	"idempotency_key" text,
	"fingerprint" uuid,
	CONSTRAINT "webhooks_idempotency_key_key" UNIQUE("idempotency_key"),
	CONSTRAINT "webhooks_disabled_check" CHECK ((disabled_at is null) = (disabled_reason is null)),
	CONSTRAINT "webhooks_disabled_reason_check" CHECK (disabled_reason in ('gone', 'operator')),
	CONSTRAINT "webhooks_circuit_state_check" CHECK (circuit_state in ('closed', 'open', 'half_open')),
	CONSTRAINT "webhooks_fingerprint_check" CHECK ((idempotency_key is null) = (fingerprint is null))
);
--> statement-breakpoint
ALTER TABLE "earmark"."webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_fkey" FOREIGN KEY ("webhook_id","delivery_id") REFERENCES "earmark"."webhook_deliveries"("webhook_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "earmark"."webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "earmark"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_state_idx" ON "earmark"."webhook_deliveries" USING btree ("webhook_id","state","id");