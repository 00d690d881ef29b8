-- Quotas of organisations, groups and users: who sets them, what they count, how users follow the default, what too little says.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1', 'process', 1000);
SELECT t.must_as('amy', $q$put_template(p_name => 'big', p_spec => '{"platforms": ["process"], "command": ["x"],
	"resources": {"cpu": {"default": "2", "min": "500m", "max": "8"}, "memory": {"default": "4Gi", "min": "512Mi", "max": "16Gi"}}}')$q$);
CREATE FUNCTION pg_temp.quota(p_scope text, p_name text, p_limits text, p_user text DEFAULT 'root') RETURNS text LANGUAGE sql AS $$
	SELECT t.code_as(p_user, format('put_quota(p_scope => %L, p_name => %L, p_limits => %L, p_org => ''red'')', p_scope, p_name, p_limits))
$$;
CREATE FUNCTION pg_temp.create(p_user text, p_more text DEFAULT '') RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.as(p_user, format('create_session(p_template => ''big''%s)', p_more))
$$;
CREATE FUNCTION pg_temp.read(p_scope text, p_name text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_quota(p_scope => %L, p_name => %L, p_org => ''red'')', p_scope, p_name))
$$;

-- Who.
SELECT is(pg_temp.quota(scope, name, '{"sessions": 50}', who), want, format('%s sets the quota of %s', who, scope))
  FROM (VALUES ('org', NULL, 'amy', 'forbidden'), ('org', NULL, 'root', 'ok'), ('user_default', NULL, 'amy', 'ok'), ('user', 'ann', 'amy', 'ok'),
	('user', 'ann', 'ann', 'forbidden'), ('user_default', NULL, 'bea', 'forbidden'), ('user', 'nobody', 'amy', 'user_not_found'),
	('group', 'nobody', 'amy', 'group_not_found'), ('user', 'bob', 'amy', 'user_not_found'), ('moon', NULL, 'amy', 'invalid_argument')) AS x (scope, name, who, want);
SELECT is(t.code_as(who, format('get_quota(p_scope => %L, p_name => %L)', scope, name)), want, format('%s reads the quota of %s %s', who, scope, name))
  FROM (VALUES ('ann', 'user', 'ann', 'ok'), ('ann', 'user', 'art', 'forbidden'), ('ann', 'org', NULL, 'forbidden'), ('amy', 'org', NULL, 'ok'),
	('amy', 'user', 'art', 'ok'), ('amy', 'user', 'bob', 'user_not_found')) AS x (who, scope, name, want);
SELECT is(pg_temp.quota('user', 'ann', l), 'invalid_argument', 'no limits: ' || l)
  FROM (VALUES ('{"sessions": -1}'), ('{"sessions": 1.5}'), ('{"sessions": "x"}'), ('{"cpus": 1}'), ('[]'), ('7'), ('{"sessions": 1000001}'), ('{"millicores": 1e99}')) AS x (l);
SELECT is(pg_temp.quota('org', NULL, '{"sessions": "default"}'), 'invalid_argument', 'only a user has a default to go back to');
SELECT is(t.code_as('amy', $q$put_quota(p_scope => 'user', p_name => 'ann')$q$), 'invalid_argument', 'no limits at all');

-- Revisions.
SELECT is(t.code_as('amy', $q$put_quota(p_scope => 'user', p_name => 'ann', p_limits => '{"sessions": 49}', p_if_revision => 1)$q$), 'revision_mismatch', 'not what was read');
SELECT is(t.code_as('amy', format($q$put_quota(p_scope => 'user', p_name => 'ann', p_limits => '{"sessions": "default"}', p_if_revision => %s)$q$,
	pg_temp.read('user', 'ann') ->> 'revision')), 'ok', 'what was read');

-- What is absent stays, null is none, users follow the default where they have nothing of their own.
SELECT is(pg_temp.quota('user', 'ann', '{"sessions": 3, "memory_mib": null}'), 'ok', 'ann: 3 sessions, and no limit of memory whatever others have');
SELECT is(pg_temp.quota('user_default', NULL, '{"sessions": 5, "memory_mib": 9000, "session_millicores": 6000}'), 'ok', 'all users: 5 sessions, 9000 MiB');
SELECT is((pg_temp.read('user', 'ann') -> 'limits') - ARRAY['millicores', 'storage_mib', 'session_memory_mib', 'session_storage_mib'],
	'{"sessions": 3, "memory_mib": null, "session_millicores": 6000}', 'ann keeps hers and follows in the rest');
SELECT is(pg_temp.read('user', 'ann') -> 'own', '["memory_mib", "sessions"]', 'and is told which are her own');
SELECT is(pg_temp.read('user', 'art') #> '{limits,memory_mib}', '9000', 'art follows');
SELECT is(pg_temp.quota('user_default', NULL, '{"sessions": 6}'), 'ok', 'one limit more for all');
SELECT is((pg_temp.read('user_default') -> 'limits') - ARRAY['millicores', 'storage_mib', 'session_memory_mib', 'session_storage_mib'],
	'{"sessions": 6, "memory_mib": 9000, "session_millicores": 6000}', 'what was absent stays');
SELECT t.make_user('new', 'red');
SELECT is(pg_temp.read('user', 'new') #> '{limits,sessions}', '6', 'who comes later has it too');
SELECT is(t.must('dba', 'SELECT streamspace.get_org(p_name => ''red'')') -> 'limits', '{"max_sessions": 50, "max_sessions_per_user": 6}', 'put_org() says the same in its words');

-- What counts, and what too little says.
SELECT is((pg_temp.create('art')).code, 'ok', 'art: 2000 millicores, 4096 MiB');
SELECT is((pg_temp.create('art', ', p_resources => ''{"millicores": 500, "memory_mib": 4000}''')).code, 'ok', 'and 500, 4000');
SELECT is((pg_temp.create('art')).detail::jsonb, '{"scope": "user", "name": "art", "resource": "memory_mib", "limit": 9000, "used": 8096}', 'his memory is used up');
SELECT is((pg_temp.create('art', ', p_resources => ''{"memory_mib": 904}''')).code, 'ok', 'to the last MiB');
SELECT is(pg_temp.read('user', 'art') -> 'used', '{"sessions": 3, "millicores": 4500, "memory_mib": 9000, "storage_mib": 30720}', 'the quota tells');
SELECT is((pg_temp.create('ann', ', p_resources => ''{"millicores": 7000}''')).code, 'session_too_large', 'more than one session may have');
SELECT is((pg_temp.create('ann', ', p_resources => ''{"millicores": 7000}''')).detail::jsonb, '{"resource": "millicores", "limit": 6000, "asked": 7000}', 'and how much that is');
SELECT t.must_as('amy', 'put_group(p_name => ''staff'')'), t.must_as('amy', 'add_group_member(p_group => ''staff'', p_user => ''ann'')'),
	t.must_as('amy', 'add_group_member(p_group => ''staff'', p_user => ''new'')');
SELECT is(pg_temp.quota('group', 'staff', '{"millicores": 5000}'), 'ok', 'a group of two: 5000 millicores together');
SELECT is((pg_temp.create('ann')).code, 'ok', 'ann: 2000 of them');
SELECT is((pg_temp.create('new')).code, 'ok', 'new: 4000');
SELECT is((pg_temp.create('ann')).detail::jsonb, '{"scope": "group", "name": "staff", "resource": "millicores", "limit": 5000, "used": 4000}', 'and no more');
SELECT is((pg_temp.create('amy')).code, 'ok', 'who is not in it does not notice');
SELECT t.must_as('amy', 'remove_group_member(p_group => ''staff'', p_user => ''ann'')');
SELECT is((pg_temp.create('ann')).code, 'ok', 'who has left it does not either');
SELECT is((SELECT q -> 'used' -> 'millicores' FROM pg_temp.read('group', 'staff') AS q), '4000', 'what she took while in it stays counted there');
SELECT is_empty('SELECT t.miscounts()', 'every pool is right');
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', i ->> 'id')) FROM jsonb_array_elements(t.must_as('ann', 'list_sessions()') -> 'items') AS i;
SELECT is((SELECT q -> 'used' -> 'millicores' FROM pg_temp.read('group', 'staff') AS q), '2000', 'and is given back there');

-- A limit below what is used ends nothing and lets nothing in; it opens when enough is given back.
SELECT is(pg_temp.quota('org', NULL, '{"sessions": 2}'), 'ok', 'the organisation may have 2');
SELECT is((SELECT count(*) FROM streamspace_data.session AS s JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'red' AND s.state <> 'terminated'), 5::bigint, 'it has 5');
SELECT ok(bool_and(s.tight), 'its pool is tight') FROM streamspace_data.pool_slot AS s JOIN streamspace_data.pool AS p USING (pool_id) JOIN streamspace_data.org AS o USING (org_id)
 WHERE o.name = 'red' AND p.kind = 'org';
CREATE FUNCTION pg_temp.end_one() RETURNS text LANGUAGE sql AS $$
	SELECT t.code('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)', (SELECT s.session_id FROM streamspace_data.session AS s
		JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'red' AND s.state <> 'terminated' ORDER BY s.session_id LIMIT 1)))
$$;
SELECT is((pg_temp.create('amy')).detail::jsonb, '{"scope": "org", "name": "red", "resource": "sessions", "limit": 2, "used": 5}', 'none is let in');
SELECT is(pg_temp.end_one(), 'ok', format('the %s. ends', n)) FROM generate_series(1, 3) AS n;
SELECT is((pg_temp.create('amy')).code, 'quota_exceeded', '2 of 2');
SELECT is(pg_temp.end_one(), 'ok', 'one more ends');
SELECT is((pg_temp.create('amy')).code, 'ok', 'there is room for one');
SELECT is((pg_temp.create('amy')).code, 'quota_exceeded', 'and for no other');
SELECT is_empty('SELECT t.miscounts()', 'every pool is right');
SELECT is_empty('SELECT s.pool_id FROM streamspace_data.pool_slot AS s WHERE s.tight', 'none is tight any more');

-- Lists.
SELECT is((SELECT array_agg(i ->> 'name') FROM jsonb_array_elements(t.must_as('amy', 'list_quotas(p_scope => ''user'')') -> 'items') AS i), '{amy,ann,art,new}', 'users by name');
SELECT is((SELECT array_agg(i ->> 'name') FROM jsonb_array_elements(t.must_as('amy', 'list_quotas(p_scope => ''group'')') -> 'items') AS i), '{staff}', 'groups');
SELECT is(t.code_as('amy', 'list_quotas(p_scope => ''org'')'), 'invalid_argument', 'of nothing else');
SELECT is(t.code_as('ann', 'list_quotas(p_scope => ''user'')'), 'forbidden', 'not for users');

SELECT * FROM finish();
ROLLBACK;
