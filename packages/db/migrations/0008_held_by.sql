-- What an owner holds, in bytes. Whoever asks holds the owner's turn until its transaction ends, and others wait for it:
-- what they ask for at the same moment they cannot get twice. Volatile, so that the sum is seen after the wait.
CREATE FUNCTION held_by(owner text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended(owner, 0));
	RETURN (SELECT coalesce(sum(held_bytes), 0) FROM images WHERE owner_id = owner);
END
$$;