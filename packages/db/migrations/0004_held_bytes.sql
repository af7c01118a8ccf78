CREATE FUNCTION variant_bytes(variants jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(sum((variant->>'sizeBytes')::bigint), 0)::bigint FROM jsonb_array_elements(variants) AS variant
$$;--> statement-breakpoint
ALTER TABLE "images" ADD COLUMN "held_bytes" bigint GENERATED ALWAYS AS (case
        when status in ('pending', 'processing', 'failed') then coalesce(declared_size, max_bytes)
        when status = 'ready' then size_bytes + variant_bytes(variants)
        else 0 end) STORED;--> statement-breakpoint
CREATE INDEX "images_held_by_owner" ON "images" USING btree ("owner_id","held_bytes");