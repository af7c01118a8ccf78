-- How many unused forms an owner holds. As with held_by, whoever asks holds the owner's turn until its transaction ends,
-- so that none gets the place that another has got at the same moment; other owners have turns of their own.
-- The status is a variable, so that only indexes by owner fit the plan that is kept. With 'pending' itself the index of all
-- pending images fits, too, and costs no more to a planner that has last seen the table when there were none.
CREATE FUNCTION pending_of(owner text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	unused CONSTANT text := 'pending';
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended(owner, 0));
	RETURN (SELECT count(*) FROM images WHERE owner_id = owner AND status = unused);
END
$$;
