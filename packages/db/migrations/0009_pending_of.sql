-- How many unused forms an owner holds. As with held_by, whoever asks holds the owner's turn until its transaction ends,
-- so that none gets the place that another has got at the same moment; other owners have turns of their own.
CREATE FUNCTION pending_of(owner text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended(owner, 0));
	RETURN (SELECT count(*) FROM images WHERE owner_id = owner AND status = 'pending');
END
$$;
