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

-- Attached to one session at a time, reattached after it.
SELECT t.must_as('amy', format('put_template(p_name => %L, p_spec => %L)', x.name, '{"displayName": "T", "platforms": ["process"], "command": ["x"]}'::jsonb || x.more))
  FROM (VALUES ('desk', '{"persistentHome": true}'::jsonb), ('gone', '{"persistentHome": false}')) AS x (name, more);
CREATE FUNCTION pg_temp.start(p_user text, p_rest text) RETURNS t.answer LANGUAGE sql AS $$ SELECT t.as(p_user, format('create_session(%s)', p_rest)) $$;
CREATE FUNCTION pg_temp.payload(p_session text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT c.payload FROM streamspace_data.agent_command AS c WHERE c.object_id = p_session ORDER BY c.command_number DESC LIMIT 1
$$;
CREATE FUNCTION pg_temp.stop(p_session text) RETURNS text LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.terminate_session(p_session => %L)', p_session)) ->> 'state' || ' ' || t.run_command((SELECT s.agent_id::text FROM streamspace_data.session AS s WHERE s.session_id = p_session), p_session, 'terminated')
$$;
CREATE TEMP TABLE s (name text, id text);
INSERT INTO s VALUES ('one', (pg_temp.start('ann', 'p_template => ''desk''')).value ->> 'id');
CREATE FUNCTION pg_temp.s(p_name text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT id FROM pg_temp.s WHERE name = p_name $$;
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', pg_temp.s('one'))) -> 'home', jsonb_build_object('id', pg_temp.home('ann', 'desk'), 'name', 'desk'),
	'persistentHome true: the owner''s home that is called like the template');
SELECT is(pg_temp.see(pg_temp.home('ann', 'desk')) - '{id,created_at}'::text[], jsonb_build_object('name', 'desk', 'org', 'red', 'owner', 'ann', 'template', 'desk', 'size_mib', 10240,
	'retention_seconds', NULL, 'session', pg_temp.s('one'), 'agent', 'agent-1', 'state', 'ready', 'last_used_at', NULL, 'delete_at', NULL, 'revision', 1), 'made on first use, on the agent of the session');
SELECT is(pg_temp.payload(pg_temp.s('one')) -> 'home', jsonb_build_object('id', pg_temp.home('ann', 'desk'), 'sizeMib', 10240), 'the agent is told id and size');
SELECT is(pg_temp.payload(pg_temp.s('one')) -> 'persistentHome', 'true', 'and that it is kept');
SELECT is((x.a).code, 'home_in_use', 'a second session of that template: its home is in use') FROM (SELECT pg_temp.start('ann', 'p_template => ''desk''') AS a) AS x;
SELECT is(((pg_temp.start('ann', 'p_template => ''desk''')).detail)::jsonb ->> 'session', pg_temp.s('one'), 'by which session');
SELECT is((pg_temp.start('art', 'p_template => ''desk''')).code, 'ok', 'another user has a home of his own');
SELECT is(t.code_as('ann', format('delete_home(p_home => %L)', pg_temp.home('ann', 'desk'))), 'home_in_use', 'an attached home is not deleted');
SELECT t.run_command('agent-1', pg_temp.s('one'), 'running');
SELECT t.must_as('ann', format('hibernate_session(p_session => %L)', pg_temp.s('one')));
SELECT t.run_command('agent-1', pg_temp.s('one'), 'hibernated');
SELECT is((pg_temp.start('ann', 'p_template => ''desk''')).code, 'home_in_use', 'also while its session hibernates');
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', pg_temp.s('one')));
SELECT is((pg_temp.start('ann', 'p_template => ''desk''')).code, 'home_in_use', 'and while it is being terminated');
SELECT t.run_command('agent-1', pg_temp.s('one'), 'terminated');
SELECT is((SELECT ARRAY[v ->> 'session', v ->> 'agent', (v ->> 'last_used_at' IS NOT NULL)::text] FROM pg_temp.see(pg_temp.home('ann', 'desk')) AS v), ARRAY[NULL, 'agent-1', 'true'], 'terminated: free, where it lies');
INSERT INTO s VALUES ('two', (pg_temp.start('ann', 'p_template => ''desk''')).value ->> 'id');
SELECT is(pg_temp.payload(pg_temp.s('two')) #>> '{home,id}', pg_temp.home('ann', 'desk'), 'the next session has the same home');
SELECT is((SELECT count(*) FROM streamspace_data.home WHERE name = 'desk' AND user_id = (SELECT user_id FROM streamspace_data.app_user WHERE name = 'ann')), 1::bigint, 'which is one row');

-- By name, none, and what a template without a word gives.
SELECT is((pg_temp.start('ann', x.rest)).code, x.want, format('%s: %s', x.rest, x.want))
  FROM (VALUES ('p_template => ''desk'', p_home => ''nothing''', 'home_not_found'), ('p_template => ''desk'', p_home => ''play''', 'home_not_found'),
	('p_template => ''desk'', p_home => ''desk''', 'home_in_use')) AS x (rest, want);
INSERT INTO s VALUES ('named', (pg_temp.start('ann', 'p_template => ''desk'', p_home => ''work''')).value ->> 'id'), ('none', (pg_temp.start('ann', 'p_template => ''desk'', p_home => ''''')).value ->> 'id'),
	('gone', (pg_temp.start('ann', 'p_template => ''gone''')).value ->> 'id');
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', pg_temp.s('named'))) #>> '{home,name}', 'work', 'a home by its name');
SELECT is((pg_temp.start('ann', format('p_template => ''desk'', p_home => %L', pg_temp.home('ann', 'work')))).code, 'home_in_use', 'by its id it is the same');
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', pg_temp.s(n))) -> 'home', 'null', format('%s: no home', n)) FROM unnest(ARRAY['none', 'gone']) AS n;
SELECT is(pg_temp.payload(pg_temp.s(n)) -> 'persistentHome', 'false', format('%s: the agent keeps nothing', n)) FROM unnest(ARRAY['none', 'gone']) AS n;
INSERT INTO s SELECT 'term-' || n, t.create_session('ann') FROM generate_series(1, 3) AS n;
CREATE FUNCTION pg_temp.of(p_session text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT home_id FROM streamspace_data.session WHERE session_id = p_session $$;
SELECT is((SELECT count(DISTINCT pg_temp.of(pg_temp.s('term-' || n))) FROM generate_series(1, 3) AS n), 3::bigint, 'a template that says nothing: each session has a home of its own');
SELECT is(pg_temp.of(pg_temp.s('term-1')), pg_temp.home('ann', 'term'), 'the first is called like the template');
SELECT is(pg_temp.stop(pg_temp.s('term-2')), 'terminating stop_session', 'one of them ends');
INSERT INTO s SELECT 'term-4', t.create_session('ann');
SELECT is(pg_temp.of(pg_temp.s('term-4')), pg_temp.of(pg_temp.s('term-2')), 'and the next session takes the free one');

SELECT pg_temp.stop(pg_temp.s('term-4'));
INSERT INTO s VALUES ('other', (pg_temp.start('amy', 'p_template => ''term''')).value ->> 'id');
SELECT isnt(pg_temp.of(pg_temp.s('other')), pg_temp.of(pg_temp.s('term-4')), 'a free home of somebody else is not taken');
SELECT is((SELECT u.name::text FROM streamspace_data.home AS h JOIN streamspace_data.app_user AS u USING (org_id, user_id) WHERE h.home_id = pg_temp.of(pg_temp.s('other'))), 'amy',
	'each has one of his own');
INSERT INTO s SELECT 'term-5', t.create_session('ann');
SELECT is(pg_temp.of(pg_temp.s('term-5')), pg_temp.of(pg_temp.s('term-4')), 'control: by its owner it is');

-- A home lies on one agent, and so do its sessions.
SELECT t.make_agent('agent-2');
SELECT pg_temp.stop(pg_temp.s('two'));
UPDATE streamspace_data.agent SET state = 'offline' WHERE agent_id = 'agent-1';
INSERT INTO s VALUES ('three', (pg_temp.start('ann', 'p_template => ''desk''')).value ->> 'id');
SELECT is((SELECT ARRAY[v ->> 'state', v ->> 'agent', v ->> 'reason'] FROM t.must_as('ann', format('get_session(p_session => %L)', pg_temp.s('three'))) AS v),
	ARRAY['pending', NULL, 'no_agent_available'], 'its agent is away: it waits, though another has room');
INSERT INTO s VALUES ('free', (pg_temp.start('ann', 'p_template => ''desk'', p_home => ''''')).value ->> 'id');
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', pg_temp.s('free'))) ->> 'agent', 'agent-2', 'control: without a home it does not');
SELECT streamspace_rules.place_pending(10);
SELECT is(t.state(pg_temp.s('three')), 'pending', 'the sweep does not move it elsewhere');
UPDATE streamspace_data.agent SET state = 'online' WHERE agent_id = 'agent-1';
SELECT is(streamspace_rules.place_pending(10), 1, 'its agent is back: it is placed');
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', pg_temp.s('three'))) ->> 'agent', 'agent-1', 'there');

-- Terminated by force: the agent may still run it, so the home is free only when the agent has cleaned up.
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', pg_temp.s('three')));
SELECT is((pg_temp.start('ann', 'p_template => ''desk''')).code, 'home_in_use', 'by force: still attached');
SELECT t.run_command('agent-1', pg_temp.s('three'), 'terminated');
SELECT is(pg_temp.see(pg_temp.home('ann', 'desk')) -> 'session', 'null', 'cleaned up: free');

-- Storage is counted when a home is made and given back when it is given up.
CREATE FUNCTION pg_temp.used(p_kind text) RETURNS bigint LANGUAGE sql AS $$
	SELECT coalesce(p.storage_mib, streamspace_rules.no_limit()) - sum(f.storage_mib)::bigint FROM streamspace_data.pool AS p JOIN streamspace_data.pool_slot AS f USING (pool_id)
	 JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'red' AND p.kind = p_kind
		AND (p_kind = 'org' OR p.user_id = (SELECT user_id FROM streamspace_data.app_user WHERE name = 'ann')) GROUP BY p.pool_id
$$;
CREATE FUNCTION pg_temp.sizes(p_user text) RETURNS bigint LANGUAGE sql AS $$
	SELECT coalesce(sum(h.size_mib), 0)::bigint FROM streamspace_data.home AS h JOIN streamspace_data.app_user AS u USING (org_id, user_id) JOIN streamspace_data.org AS o USING (org_id)
	 WHERE o.name = 'red' AND h.state = 'kept' AND (p_user IS NULL OR u.name = p_user)
$$;
CREATE FUNCTION pg_temp.exact(p_after text) RETURNS text LANGUAGE sql AS $$
	SELECT is(ARRAY[pg_temp.used('user'), pg_temp.used('org')], ARRAY[pg_temp.sizes('ann'), pg_temp.sizes(NULL)], p_after || ': what is counted is what is kept')
$$;
SELECT pg_temp.exact('so far');
SELECT t.must('dba', format('SELECT streamspace.put_quota(p_scope => ''user'', p_name => ''ann'', p_limits => %L, p_org => ''red'')',
	jsonb_build_object('storage_mib', pg_temp.used('user') + 100)));
SELECT is((t.as('ann', 'create_home(p_name => ''big'', p_size_mib => 101)')).code, 'quota_exceeded', 'more than is left');
SELECT is(((t.as('ann', 'create_home(p_name => ''big'', p_size_mib => 101)')).detail)::jsonb ->> 'resource', 'storage_mib', 'of storage');
SELECT is(t.code_as('ann', 'create_home(p_name => ''big'', p_size_mib => 60)'), 'ok', 'what is left');
SELECT pg_temp.exact('made');
SELECT is(t.code_as('ann', format('update_home(p_home => %L, p_size_mib => 101)', pg_temp.home('ann', 'big'))), 'quota_exceeded', 'grown too far');
SELECT is(t.code_as('ann', format('update_home(p_home => %L, p_size_mib => 100)', pg_temp.home('ann', 'big'))), 'ok', 'grown');
SELECT pg_temp.exact('grown');
SELECT is((pg_temp.start('ann', 'p_template => ''term''')).code, 'quota_exceeded', 'a session whose home would be made has no room either');
SELECT is(t.code_as('ann', format('update_home(p_home => %L, p_size_mib => 1)', pg_temp.home('ann', 'big'))), 'ok', 'shrunk');
SELECT pg_temp.exact('shrunk');
SELECT is(t.code_as('ann', format('delete_home(p_home => %L)', pg_temp.home('ann', 'big'))), 'ok', 'given up');
SELECT pg_temp.exact('given up');
SELECT t.must('dba', 'SELECT streamspace.put_quota(p_scope => ''user'', p_name => ''ann'', p_limits => ''{"storage_mib": null, "session_storage_mib": 500}'', p_org => ''red'')');
SELECT is(t.code_as('ann', 'create_home(p_name => ''big'', p_size_mib => 501)'), 'session_too_large', 'more than a single one may have');

-- In a batch: a row that is refused leaves no home behind, attached or made.
SELECT t.must('dba', format('SELECT streamspace.put_quota(p_scope => ''user'', p_name => ''ann'', p_limits => %L, p_org => ''red'')',
	jsonb_build_object('session_storage_mib', NULL, 'storage_mib', pg_temp.used('user'))));
CREATE TEMP TABLE before AS SELECT h.home_id, h.session_id, h.revision, h.delete_at FROM streamspace_data.home AS h;
SELECT is((SELECT array_agg(coalesce(x.i #>> '{error,code}', 'ok') ORDER BY x.n) FROM jsonb_array_elements(t.must('api', format('SELECT streamspace.create_sessions(p_items => %L)',
	(SELECT jsonb_agg(jsonb_build_object('actor', encode(t.actor('ann'), 'hex'), 'template', x.template, 'home', x.home)) FROM (VALUES ('term', NULL), ('desk', 'nothing'), ('gone', NULL)) AS x (template, home)))))
	WITH ORDINALITY AS x (i, n)), ARRAY['quota_exceeded', 'home_not_found', 'ok'], 'a batch: refused by row');
SELECT results_eq('SELECT h.home_id, h.session_id, h.revision, h.delete_at FROM streamspace_data.home AS h ORDER BY 1', 'SELECT * FROM before ORDER BY 1', 'and no home differs');
SELECT pg_temp.exact('refused');
SELECT t.must('dba', 'SELECT streamspace.put_quota(p_scope => ''user'', p_name => ''ann'', p_limits => ''{"storage_mib": null}'', p_org => ''red'')');

-- Given up: the agent removes it, however often it has to be told.
SELECT is(t.must_as('ann', format('delete_home(p_home => %L)', pg_temp.home('ann', 'desk'))) ->> 'state', 'deleting', 'deleting, until its agent has removed it');
SELECT pg_temp.exact('deleting');
SELECT is((pg_temp.start('ann', 'p_template => ''desk'', p_home => ''desk''')).code, 'home_not_found', 'no session gets it any more');
SELECT is((SELECT ARRAY[c.agent_id, c.action, c.object_kind, c.payload ->> 'homeId'] FROM streamspace_data.agent_command AS c WHERE c.object_kind = 'home'),
	ARRAY['agent-1', 'remove', 'home', pg_temp.home('ann', 'desk')], 'the command');
CREATE FUNCTION pg_temp.removal(p_ok boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_id text;
BEGIN
	UPDATE streamspace_data.agent_command SET not_before = NULL WHERE object_kind = 'home' AND state = 'pending';
	PERFORM t.claim('agent-1');
	SELECT c.command_id INTO STRICT v_id FROM streamspace_data.agent_command AS c WHERE c.object_kind = 'home' AND c.state IN ('sent', 'acked');
	RETURN t.report('complete_commands', 'agent-1', jsonb_build_object('commandId', v_id, 'ok', p_ok, 'error', 'in use', 'reason', 'home_in_use', 'result', jsonb_build_object('state', 'removed')));
END
$$;
SELECT is(pg_temp.removal(false), 'ok', 'it cannot now');
SELECT is(pg_temp.see(pg_temp.home('ann', 'desk')) ->> 'state', 'deleting', 'so it is still deleting');
CREATE FUNCTION pg_temp.inventory(p_agent text, p_ids text[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.record_inventory(p_agent => %L, p_epoch => %s, p_objects => %L, p_complete => true)', p_agent, t.epoch(p_agent),
		(SELECT coalesce(jsonb_agg(jsonb_build_object('kind', 'home', 'id', i.id, 'revision', 0, 'uid', 'u', 'state', 'kept')), '[]') FROM unnest(p_ids) AS i (id))))
$$;
UPDATE streamspace_data.agent_command SET state = 'failed', finished_at = now() WHERE object_kind = 'home';
SELECT pg_temp.inventory('agent-1', ARRAY[pg_temp.home('ann', 'desk'), pg_temp.home('ann', 'term')]);
SELECT is((SELECT count(*) FROM streamspace_data.agent_command WHERE object_kind = 'home' AND state = 'pending'), 1::bigint, 'what was given up in vain is tried again after an inventory');
SELECT pg_temp.inventory('agent-1', ARRAY[pg_temp.home('ann', 'desk')]);
SELECT is((SELECT count(*) FROM streamspace_data.agent_command WHERE object_kind = 'home' AND state = 'pending'), 1::bigint, 'once');
SELECT is(pg_temp.removal(true), 'ok', 'it is done');
SELECT is((SELECT ARRAY[v ->> 'state', v ->> 'agent'] FROM pg_temp.see(pg_temp.home('ann', 'desk')) AS v), ARRAY['deleted', NULL], 'deleted');
INSERT INTO s VALUES ('four', (pg_temp.start('ann', 'p_template => ''desk''')).value ->> 'id');
SELECT ok(h.home_id <> pg_temp.of(pg_temp.s('four')), 'the next session gets a new one') FROM streamspace_data.home AS h WHERE h.name = 'desk' AND h.state = 'deleted';

-- An inventory never removes a home: what nobody knows, what should be gone and what belongs elsewhere is only told.
SELECT pg_temp.inventory('agent-1', ARRAY['h-00000000000000000000000000', pg_temp.home('bob', 'play'), (SELECT home_id FROM streamspace_data.home WHERE name = 'desk' AND state = 'deleted')]);
SELECT is((SELECT array_agg(o.object_id::text ORDER BY o.object_id) FROM streamspace_data.agent_orphan AS o WHERE o.object_kind = 'home'),
	ARRAY['h-00000000000000000000000000', (SELECT home_id FROM streamspace_data.home WHERE name = 'desk' AND state = 'deleted')], 'unknown and deleted ones are told');
SELECT is(pg_temp.see(pg_temp.home('bob', 'play')) ->> 'agent', 'agent-1', 'one that is new is known to lie there');
SELECT pg_temp.inventory('agent-2', ARRAY[pg_temp.home('bob', 'play')]);
SELECT is((SELECT count(*) FROM streamspace_data.agent_orphan WHERE agent_id = 'agent-2' AND object_kind = 'home'), 1::bigint, 'and on another agent it is told');
SET streamspace.clock_offset = '2 hours';
SELECT streamspace.tick();
SELECT is((SELECT count(*) FROM streamspace_data.agent_command AS c JOIN streamspace_data.agent_orphan AS o ON o.object_id = c.object_id WHERE c.object_kind = 'home' AND c.state = 'pending'), 0::bigint,
	'however old, no command goes out for one');
RESET streamspace.clock_offset;

-- Retention: counted from the end of the last session, and never over while one has it.
SELECT is((SELECT count(*) FROM streamspace_data.home WHERE name = 'short' AND state = 'deleted'), 1::bigint, 'ann''s short one was given up by that sweep, an hour after it was made');
SELECT is((SELECT array_agg(a.object_id) FROM streamspace_data.audit_log AS a WHERE a.actor = 'system' AND a.function = 'delete_home'), (SELECT array_agg(home_id::text) FROM streamspace_data.home WHERE name = 'short'),
	'which the audit log says');
UPDATE streamspace_data.agent SET state = 'online';
SELECT is(t.code_as('bob', 'create_home(p_name => ''lease'', p_retention_seconds => 3600)'), 'ok', 'an hour');
INSERT INTO s VALUES ('leased', (pg_temp.start('bob', 'p_template => ''term'', p_home => ''lease''')).value ->> 'id');
SELECT is(pg_temp.see(pg_temp.home('bob', 'lease')) -> 'delete_at', 'null', 'attached: no end');
SET streamspace.clock_offset = '2 hours';
SELECT is(streamspace_rules.expire_homes(10), '{}', 'nothing is due');
RESET streamspace.clock_offset;
SELECT pg_temp.stop(pg_temp.s('leased'));
SELECT is((pg_temp.see(pg_temp.home('bob', 'lease')) ->> 'delete_at')::timestamptz, now() + interval '1 hour', 'its session has ended: an hour from now');
SET streamspace.clock_offset = '59 minutes';
SELECT is(streamspace_rules.expire_homes(10), '{}', 'before it is over');
SET streamspace.clock_offset = '1 hour';
SELECT is((streamspace.tick() ->> 'homes_expired')::int, 1, 'when it is over');
RESET streamspace.clock_offset;
SELECT is(pg_temp.see(pg_temp.home('bob', 'lease')) ->> 'state', 'deleting', 'it is given up');
SELECT pg_temp.exact('at the end');
SELECT is_empty('SELECT t.miscounts()', 'and so in every pool');

SELECT * FROM finish();
ROLLBACK;
