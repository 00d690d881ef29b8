-- The clock of deadlines and sweeps, moved from the moment at which the test began.

CREATE FUNCTION t.clock(p_after interval) RETURNS void LANGUAGE sql AS $$
	SELECT set_config('streamspace.clock_offset', coalesce(p_after::text, ''), true)
$$;

-- A sweep at that moment; the clock stays there.
CREATE FUNCTION t.sweep(p_after interval, p_limit integer DEFAULT 500) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.clock(p_after);
	RETURN t.must(NULL, format('SELECT streamspace.tick(p_limit => %s)', p_limit));
END
$$;

-- Log-ins of the world that last as long as the clock is moved, and a call of one of them at its time.
CREATE FUNCTION t.keep_logins() RETURNS void LANGUAGE sql AS $$
	UPDATE streamspace_data.installation SET login_idle = '365 days', login_lifetime = '365 days';
	UPDATE streamspace_data.credential SET expires_at = pg_catalog.now() + interval '10 years' WHERE kind = 'login';
	INSERT INTO streamspace_data.credential_use AS u (org_id, token_hash, last_used_at)
	SELECT c.org_id, c.token_hash, pg_catalog.now() + interval '9 years' FROM streamspace_data.credential AS c WHERE c.kind = 'login'
	ON CONFLICT ON CONSTRAINT credential_use_pkey DO UPDATE SET last_used_at = EXCLUDED.last_used_at
$$;

CREATE FUNCTION t.then_as(p_user text, p_call text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask(NULL, format('SELECT streamspace.%s%sp_actor => %L)', left(p_call, -1),
		CASE WHEN p_call ~ '\(\)$' THEN '' ELSE ', ' END, t.actor(p_user)))
$$;

-- A running session of the user, on an agent that the sweeps of a moved clock may have taken for lost.
CREATE FUNCTION t.running(p_user text, p_template text DEFAULT 'term') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_id text;
BEGIN
	PERFORM t.report('record_heartbeats', 'agent-1', '{"status": "online"}');
	v_id := t.must_as(p_user, format('create_session(p_template => %L)', p_template)) ->> 'id';
	PERFORM t.run_command('agent-1', v_id, 'running');
	RETURN v_id;
END
$$;

CREATE FUNCTION t.outlook(p_session text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT (t.then_as('root', format('session_outlook(p_session => %L)', p_session))).value
$$;

-- Events of a session, oldest first.
CREATE FUNCTION t.events(p_session text, p_event text) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT count(*) FROM streamspace_data.session_event AS e WHERE e.session_id = p_session AND e.event = p_event
$$;

-- What sessions looked like is kept at the moved time: room for it beyond the months that are made ahead.
CREATE FUNCTION t.make_years() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE streamspace_data.session_change_later PARTITION OF streamspace_data.session_change FOR VALUES FROM (%L) TO (%L)',
		(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '4 months') AT TIME ZONE 'UTC', now() + interval '20 years');
END
$$;
