-- Tells whoever listens on image_status which image has another status, once that is committed.
CREATE FUNCTION tell_image_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('image_status', NEW.id::text);
	RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER images_tell_status AFTER UPDATE OF status ON images
	FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION tell_image_status();
