CREATE TABLE "earmark"."dead_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "earmark"."dead_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"sink" text NOT NULL,
	"event" json NOT NULL,
	"reason" text NOT NULL,
	"refused_at" timestamp with time zone DEFAULT now() NOT NULL,
	"asked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "earmark"."sinks" (
	"name" text PRIMARY KEY NOT NULL,
	"cursor" text NOT NULL,
	"moved_at" timestamp with time zone DEFAULT now() NOT NULL,
	"failing_since" timestamp with time zone,
	"failure" text,
	"failures" integer DEFAULT 0 NOT NULL,
	"claimed_by" uuid,
	"claimed_until" timestamp with time zone,
	CONSTRAINT "sinks_failure_check" CHECK ((failing_since is null) = (failure is null))
);
--> statement-breakpoint
CREATE INDEX "dead_events_sink_idx" ON "earmark"."dead_events" USING btree ("sink","id");