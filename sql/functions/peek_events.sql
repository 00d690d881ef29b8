CREATE FUNCTION streamspace.peek_events(p_since text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_most CONSTANT integer := 5000;
	v_token record;
	v_signals bigint := 0;
	v_orgs integer[];
	v_users integer[];
	v_gap text;
BEGIN
	IF p_since IS NOT NULL THEN
		SELECT t.* INTO v_token FROM streamspace_rules.read_event_token(p_since) AS t;
		PERFORM streamspace_rules.raise_refusal(v_token.refusal);
		v_gap := v_token.gap;
	END IF;
	IF p_since IS NOT NULL AND v_gap IS NULL THEN
		WITH raw AS MATERIALIZED (
			SELECT u.* FROM (
				SELECT g.org_id, g.session_id, g.user_id, g.group_id FROM streamspace_data.signal AS g WHERE g.xid >= v_token.unseen_from
				UNION ALL
				SELECT g.org_id, g.session_id, g.user_id, g.group_id FROM streamspace_data.signal AS g WHERE g.xid = ANY (v_token.unseen)) AS u
			LIMIT v_most + 1
		), touched AS (
			SELECT DISTINCT r.org_id, r.session_id FROM raw AS r WHERE r.session_id IS NOT NULL
		), concerned AS (
			SELECT r.user_id FROM raw AS r WHERE r.user_id IS NOT NULL
			UNION SELECT s.user_id FROM touched AS t JOIN streamspace_data.session AS s ON s.org_id = t.org_id AND s.session_id = t.session_id
			UNION SELECT h.user_id FROM touched AS t
				JOIN streamspace_data.session_share AS h ON h.org_id = t.org_id AND h.session_id = t.session_id AND h.user_id IS NOT NULL
			UNION SELECT m.user_id FROM touched AS t
				JOIN streamspace_data.session_share AS h ON h.org_id = t.org_id AND h.session_id = t.session_id AND h.group_id IS NOT NULL
				JOIN streamspace_data.group_member AS m ON m.org_id = h.org_id AND m.group_id = h.group_id
			UNION SELECT m.user_id FROM raw AS r
				JOIN streamspace_data.group_member AS m ON m.org_id = r.org_id AND m.group_id = r.group_id
			LIMIT v_most + 1
		)
		SELECT (SELECT count(*) FROM raw), ARRAY(SELECT DISTINCT t.org_id FROM touched AS t), ARRAY(SELECT c.user_id FROM concerned AS c)
		INTO v_signals, v_orgs, v_users;
	END IF;
	RETURN jsonb_build_object('token', streamspace_rules.event_token(), 'signals', v_signals,
		'all', v_gap IS NOT NULL OR v_signals > v_most OR coalesce(cardinality(v_users), 0) > v_most,
		'orgs', to_jsonb(coalesce(v_orgs, '{}')), 'users', to_jsonb(coalesce(v_users, '{}')));
END
$$;
REVOKE ALL ON FUNCTION streamspace.peek_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.peek_events TO streamspace_api;
COMMENT ON FUNCTION streamspace.peek_events IS
	'Whom anything since a token (NULL: only the token of now) may concern: {token, signals, all, orgs, users}: those who see all of an organisation in orgs, and the users in users; all: everybody has to look. A hint of whom to read for, nothing that anybody may see. For streamspaced only';
