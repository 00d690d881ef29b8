CREATE FUNCTION streamspace.close_viewers(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_item record;
	v_results text[];
BEGIN
	-- An end that a crash takes back is found by the silence of the viewer: nobody waits for the disk.
	PERFORM set_config('synchronous_commit', 'off', true);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_items));
	v_results := array_fill('unknown'::text, ARRAY[jsonb_array_length(p_items)]);
	-- in one order, so that two batches never wait for each other
	FOR v_item IN
		SELECT i.item, i.position, c.org_id, c.connection_id
		FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position)
		JOIN streamspace_data.connection AS c ON c.connection_id = i.item ->> 'connection'
		ORDER BY c.connection_id, i.position
	LOOP
		UPDATE streamspace_data.connection AS c SET closed_at = v_now, relay_hash = NULL, relay_replica = NULL, relay_until = NULL,
			reason = coalesce(nullif(left(v_item.item ->> 'reason', 200), ''), 'closed'),
			received = greatest(c.received, streamspace_rules.json_bigint(v_item.item -> 'received')),
			sent = greatest(c.sent, streamspace_rules.json_bigint(v_item.item -> 'sent')), revision = c.revision + 1
		WHERE c.org_id = v_item.org_id AND c.connection_id = v_item.connection_id AND c.closed_at IS NULL;
		v_results[v_item.position] := CASE WHEN FOUND THEN 'ok' ELSE 'ignored' END;
		IF NOT FOUND THEN
			-- What it carried is still of interest where somebody else put it out.
			UPDATE streamspace_data.connection AS c SET received = greatest(c.received, streamspace_rules.json_bigint(v_item.item -> 'received')),
				sent = greatest(c.sent, streamspace_rules.json_bigint(v_item.item -> 'sent'))
			WHERE c.org_id = v_item.org_id AND c.connection_id = v_item.connection_id;
		END IF;
	END LOOP;
	RETURN streamspace_rules.batch_result(v_results);
END
$$;
REVOKE ALL ON FUNCTION streamspace.close_viewers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.close_viewers TO streamspace_api;
COMMENT ON FUNCTION streamspace.close_viewers IS
	'Records that viewers have ended. p_items: [{connection, reason, received, sent}]: a word that says why, and the bytes in all. Returns [{index, result}], result ok, unknown or ignored (it was closed before). For streamspaced only';
