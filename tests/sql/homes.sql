-- Homes: rows of their own, attached to one session at a time, kept on one agent, given up by rule or by hand only.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('aud', 'red', 'auditor'), t.make_user('ope', 'red', 'operator');
SELECT t.make_agent('agent-1');
CREATE FUNCTION pg_temp.home(p_user text, p_name text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT h.home_id FROM streamspace_data.home AS h JOIN streamspace_data.app_user AS u USING (org_id, user_id)
	 WHERE u.name = p_user AND h.name = p_name ORDER BY h.created_at DESC, h.home_id DESC LIMIT 1
$$;
CREATE FUNCTION pg_temp.see(p_home text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_home(p_home => %L)', p_home))
$$;

-- By hand.
SELECT is(t.must_as('ann', 'create_home(p_name => ''work'')') - '{id,created_at}'::text[], '{"name": "work", "org": "red", "owner": "ann", "template": null,
	"size_mib": 10240, "retention_seconds": null, "session": null, "agent": null, "state": "new", "last_used_at": null, "delete_at": null, "revision": 1}', 'a home as made');
SELECT is(t.code_as(x.who, format('create_home(%s)', x.call)), x.want, format('%s, %s: %s', x.who, x.call, x.want))
  FROM (VALUES ('ann', 'p_name => ''work''', 'already_exists'), ('art', 'p_name => ''work''', 'ok'), ('ann', 'p_name => ''play'', p_owner => ''art''', 'forbidden'),
	('amy', 'p_name => ''play'', p_owner => ''art''', 'ok'), ('ope', 'p_name => ''disk'', p_owner => ''art''', 'ok'), ('aud', 'p_name => ''mine''', 'forbidden'),
	('amy', 'p_name => ''play'', p_owner => ''bob''', 'user_not_found'), ('root', 'p_name => ''play'', p_org => ''red''', 'owner_required'),
	('root', 'p_name => ''play'', p_org => ''blue'', p_owner => ''bob''', 'ok'), ('ann', 'p_name => ''Work''', 'invalid_argument'), ('ann', 'p_name => NULL', 'invalid_argument'),
	('ann', 'p_name => ''h-0123456789abcdefghijklmnop''', 'invalid_argument'), ('ann', 'p_name => ''a'', p_size_mib => 0', 'invalid_argument'),
	('ann', 'p_name => ''a'', p_size_mib => 1073741825', 'invalid_argument'), ('ann', 'p_name => ''a'', p_retention_seconds => -2', 'invalid_argument'),
	('ann', 'p_name => ''a'', p_retention_seconds => 2147483648', 'invalid_argument'), ('ann', 'p_name => ''short'', p_size_mib => 1, p_retention_seconds => 3600', 'ok')) AS x (who, call, want);
SELECT is((pg_temp.see(pg_temp.home('ann', 'short')) ->> 'delete_at')::timestamptz, now() + interval '1 hour', 'its retention begins when it is made');
SELECT is(t.code_as(x.who, format('get_home(p_home => %L)', pg_temp.home('ann', 'work'))), x.want, format('%s looks at ann''s: %s', x.who, x.want))
  FROM (VALUES ('ann', 'ok'), ('art', 'home_not_found'), ('amy', 'ok'), ('ope', 'ok'), ('aud', 'ok'), ('bob', 'home_not_found'), ('bea', 'home_not_found'), ('root', 'ok')) AS x (who, want);
CREATE FUNCTION pg_temp.names(p_user text, p_filter text) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY(SELECT (i ->> 'owner') || ' ' || (i ->> 'name') FROM jsonb_array_elements(t.must_as(p_user, format('list_homes(%s)', p_filter)) -> 'items') AS i ORDER BY 1)
$$;
SELECT is(pg_temp.names(x.who, x.filter), x.want, format('%s lists %s', x.who, x.filter))
  FROM (VALUES ('ann', 'p_limit => 9', '{"ann short","ann work"}'::text[]), ('amy', 'p_limit => 9', '{"ann short","ann work","art disk","art play","art work"}'),
	('aud', 'p_owner => ''art''', '{"art disk","art play","art work"}'), ('bob', 'p_limit => 9', '{"bob play"}'), ('root', 'p_org => ''blue''', '{"bob play"}'),
	('amy', 'p_state => ''new''', '{"ann short","ann work","art disk","art play","art work"}'), ('amy', 'p_state => ''ready''', '{}'), ('amy', 'p_state => ''deleted''', '{}')) AS x (who, filter, want);
SELECT is(t.code_as('ann', 'list_homes(p_owner => ''art'')'), 'forbidden', 'not somebody else''s');
SELECT is(t.code_as('amy', 'list_homes(p_state => ''kept'')'), 'invalid_argument', 'a state that is none');
UPDATE streamspace_data.home SET created_at = now() - n * interval '1 minute' FROM (SELECT home_id AS id, row_number() OVER (ORDER BY home_id) AS n FROM streamspace_data.home) AS x
 WHERE home_id = x.id AND name <> 'short';
CREATE FUNCTION pg_temp.pages(p_limit int) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	v_page jsonb;
	v_all text[] := '{}';
BEGIN
	LOOP
		v_page := t.must_as('amy', format('list_homes(p_limit => %s, p_cursor => %L)', p_limit, v_page ->> 'next_cursor'));
		v_all := v_all || ARRAY(SELECT x.i ->> 'id' FROM jsonb_array_elements(v_page -> 'items') WITH ORDINALITY AS x (i, n) ORDER BY x.n);
		EXIT WHEN v_page ->> 'next_cursor' IS NULL;
	END LOOP;
	RETURN v_all;
END
$$;
SELECT is(pg_temp.pages(n), ARRAY(SELECT h.home_id::text FROM streamspace_data.home AS h JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'red'
	ORDER BY h.created_at DESC, h.home_id DESC), format('by pages of %s: newest first, each once', n)) FROM unnest(ARRAY[1, 2, 50]) AS n;

CREATE FUNCTION pg_temp.change(p_user text, p_name text, p_rest text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.as(p_user, format('update_home(p_home => %L, %s)', pg_temp.home('ann', p_name), p_rest))
$$;
SELECT is((pg_temp.change(x.who, x.name, x.rest)).code, x.want, format('%s, %s: %s', x.who, x.rest, x.want))
  FROM (VALUES ('art', 'work', 'p_name => ''x''', 'home_not_found'), ('aud', 'work', 'p_name => ''x''', 'forbidden'), ('ann', 'work', 'p_name => ''short''', 'already_exists'),
	('ann', 'work', 'p_size_mib => 0', 'invalid_argument'), ('ann', 'work', 'p_if_revision => 7', 'revision_mismatch'),
	('ann', 'work', 'p_size_mib => 5, p_retention_seconds => 60, p_if_revision => 1', 'ok'), ('root', 'work', 'p_if_revision => 2', 'ok')) AS x (who, name, rest, want);
SELECT is((SELECT ARRAY[v ->> 'size_mib', v ->> 'retention_seconds', v ->> 'revision'] FROM pg_temp.see(pg_temp.home('ann', 'work')) AS v), ARRAY['5', '60', '2'],
	'size and retention; what changes nothing is no revision');
SELECT isnt(pg_temp.see(pg_temp.home('ann', 'work')) ->> 'delete_at', NULL, 'its end is set');
SELECT pg_temp.change('ann', 'work', 'p_retention_seconds => -1');
SELECT is((SELECT ARRAY[v ->> 'size_mib', v ->> 'retention_seconds', v ->> 'delete_at'] FROM pg_temp.see(pg_temp.home('ann', 'work')) AS v), ARRAY['5', NULL, NULL],
	'-1: until deleted by hand');
SELECT is(t.code_as(x.who, format('delete_home(p_home => %L%s)', pg_temp.home('ann', 'work'), x.rest)), x.want, format('%s deletes: %s', x.who, x.want))
  FROM (VALUES ('art', '', 'home_not_found'), ('aud', '', 'forbidden'), ('bea', '', 'home_not_found'), ('ann', ', p_if_revision => 1', 'revision_mismatch'), ('ann', '', 'ok'), ('ann', '', 'ok')) AS x (who, rest, want);
SELECT is(pg_temp.see(pg_temp.home('ann', 'work')) ->> 'state', 'deleted', 'no agent has it: it is gone at once');
SELECT is((SELECT count(*) FROM streamspace_data.agent_command WHERE object_kind = 'home'), 0::bigint, 'and nobody is told');
SELECT is(t.code_as('ann', 'create_home(p_name => ''work'')'), 'ok', 'its name is free again');
SELECT is(pg_temp.names('ann', 'p_state => ''deleted'''), '{"ann work"}', 'the deleted one is listed when asked for');
SELECT is((pg_temp.change('ann', 'work', 'p_size_mib => 6')).code, 'ok', 'control: the new one changes');

SELECT * FROM finish();
ROLLBACK;
