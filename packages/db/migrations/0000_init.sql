CREATE TABLE "images" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"content_type" text NOT NULL,
	"declared_size" bigint,
	"max_bytes" bigint NOT NULL,
	"sha256" text,
	"filename" text,
	"form_expires_at" timestamp (3) with time zone NOT NULL,
	"folder" text NOT NULL,
	"visibility" text NOT NULL,
	"alt" text,
	"entity_type" text,
	"entity_id" text,
	"claim_token" uuid,
	"claim_expires_at" timestamp (3) with time zone,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"s3_key" text,
	"width" integer,
	"height" integer,
	"size_bytes" bigint,
	"variants" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"thumbhash" text,
	"placeholder" text,
	"rejection_code" text,
	"rejection_detail" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ready_at" timestamp (3) with time zone,
	CONSTRAINT "images_status" CHECK ("images"."status" in ('pending', 'processing', 'ready', 'rejected', 'failed', 'expired', 'deleting')),
	CONSTRAINT "images_visibility" CHECK ("images"."visibility" in ('private', 'public')),
	CONSTRAINT "images_entity_whole" CHECK (("images"."entity_type" is null) = ("images"."entity_id" is null)),
	CONSTRAINT "images_sizes" CHECK ("images"."max_bytes" > 0 and ("images"."declared_size" is null or "images"."declared_size" between 1 and "images"."max_bytes")),
	CONSTRAINT "images_claim" CHECK ("images"."status" <> 'processing' or ("images"."claim_token" is not null and "images"."claim_expires_at" is not null)),
	CONSTRAINT "images_ready_whole" CHECK ("images"."status" <> 'ready' or ("images"."s3_key" is not null and "images"."width" > 0 and "images"."height" > 0 and "images"."size_bytes" > 0 and "images"."ready_at" is not null)),
	CONSTRAINT "images_rejected_whole" CHECK (("images"."status" <> 'rejected' or "images"."rejection_code" is not null) and ("images"."rejection_code" is null or "images"."rejection_code" in ('size_mismatch', 'too_large', 'empty', 'type_not_allowed', 'type_mismatch', 'not_an_image', 'corrupt', 'too_many_pixels', 'too_many_frames', 'checksum_mismatch', 'processing_timeout', 'resource_limit')))
);
--> statement-breakpoint
CREATE INDEX "images_by_owner" ON "images" USING btree ("owner_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "images_by_entity" ON "images" USING btree ("entity_type","entity_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "images"."entity_type" is not null;--> statement-breakpoint
CREATE INDEX "images_pending_expiry" ON "images" USING btree ("form_expires_at") WHERE "images"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "images_lapsed_claims" ON "images" USING btree ("claim_expires_at") WHERE "images"."status" = 'processing';--> statement-breakpoint
CREATE INDEX "images_deleting" ON "images" USING btree ("updated_at") WHERE "images"."status" = 'deleting';--> statement-breakpoint
CREATE INDEX "images_pending_by_owner" ON "images" USING btree ("owner_id") WHERE "images"."status" = 'pending';