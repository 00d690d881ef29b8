-- With 30,000 users, as many groups and log-ins in two organisations a page of a list reads about as many rows as it shows,
-- and a call finds its actor by index: no sequential scan, no filter over a neighbour's rows. Counted, not timed.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();
-- Their pools would take minutes and are not what is counted here.
ALTER TABLE streamspace_data.app_user DISABLE TRIGGER USER;
ALTER TABLE streamspace_data.user_group DISABLE TRIGGER USER;
INSERT INTO streamspace_data.app_user (org_id, name, role, active)
SELECT o.org_id, 'u' || lpad(n::text, 6, '0'), CASE WHEN n % 1000 = 0 THEN 'operator' ELSE 'user' END, n % 500 <> 0
  FROM streamspace_data.org AS o, generate_series(1, 20000) AS n WHERE o.name = 'red' OR (o.name = 'blue' AND n <= 10000);
INSERT INTO streamspace_data.user_group (org_id, name) SELECT o.org_id, 'g' || lpad(n::text, 6, '0')
  FROM streamspace_data.org AS o, generate_series(1, 20000) AS n WHERE o.name = 'red' OR (o.name = 'blue' AND n <= 10000);
INSERT INTO streamspace_data.group_member (org_id, group_id, user_id)
SELECT u.org_id, g.group_id, u.user_id FROM streamspace_data.user_group AS g JOIN streamspace_data.app_user AS u USING (org_id)
 WHERE g.name IN ('team', 'g000001') AND u.name ~ '^u';
INSERT INTO streamspace_data.group_member (org_id, group_id, user_id)
SELECT u.org_id, g.group_id, u.user_id FROM streamspace_data.user_group AS g JOIN streamspace_data.app_user AS u USING (org_id)
 WHERE g.name BETWEEN 'g000100' AND 'g000130' AND u.name = 'art';
INSERT INTO streamspace_data.credential (token_hash, kind, credential_id, org_id, user_id, expires_at, name, scopes, prefix)
SELECT sha256((k.kind || u.user_id)::bytea), k.kind, k.letter || '-' || lpad(u.user_id::text, 26, '0'), u.org_id, u.user_id, now() + interval '1 day',
	CASE k.kind WHEN 'api_key' THEN 'k' END, CASE k.kind WHEN 'api_key' THEN ARRAY['read'] END, CASE k.kind WHEN 'api_key' THEN '00000000' END
  FROM streamspace_data.app_user AS u, (VALUES ('login', 'l'), ('api_key', 'k')) AS k (kind, letter) WHERE u.name ~ '^u';
INSERT INTO streamspace_data.credential_use (org_id, token_hash, last_used_at) SELECT c.org_id, c.token_hash, now() FROM streamspace_data.credential AS c
 WHERE c.credential_id IS NOT NULL AND NOT EXISTS (SELECT FROM streamspace_data.credential_use AS x WHERE x.token_hash = c.token_hash);
INSERT INTO streamspace_data.login_attempt (key, attempts, ends_at) SELECT sha256(n::text::bytea), 1, now() + interval '1 minute' FROM generate_series(1, 5000) AS n;
INSERT INTO streamspace_data.login_address (org_id, user_id, address, last_login_at)
SELECT u.org_id, u.user_id, '10.0.0.1', now() FROM streamspace_data.app_user AS u WHERE u.name ~ '^u';
ALTER TABLE streamspace_data.app_user ENABLE TRIGGER USER;
ALTER TABLE streamspace_data.user_group ENABLE TRIGGER USER;
ANALYZE streamspace_data.app_user, streamspace_data.user_group, streamspace_data.group_member, streamspace_data.credential,
	streamspace_data.credential_use, streamspace_data.login_attempt, streamspace_data.login_address;
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.credential), '>=', 60000::bigint, 'there are enough log-ins and keys');

-- Rows that a statement reads of these tables: by sequential scan, and by index.
CREATE FUNCTION pg_temp.rows_read(p_sql text, OUT seq bigint, OUT idx bigint) LANGUAGE plpgsql AS $$
DECLARE
	v_tables constant text[] := ARRAY['app_user', 'user_group', 'group_member', 'credential', 'credential_use', 'login_attempt', 'login_address'];
	v_before record;
	v_after record;
BEGIN
	SELECT sum(s.seq_tup_read) AS seq, sum(s.idx_tup_fetch) AS idx INTO v_before FROM pg_stat_xact_user_tables AS s
	 WHERE s.schemaname = 'streamspace_data' AND s.relname = ANY (v_tables);
	EXECUTE p_sql;
	SELECT sum(s.seq_tup_read) AS seq, sum(s.idx_tup_fetch) AS idx INTO v_after FROM pg_stat_xact_user_tables AS s
	 WHERE s.schemaname = 'streamspace_data' AND s.relname = ANY (v_tables);
	seq := v_after.seq - v_before.seq;
	idx := v_after.idx - v_before.idx;
END
$$;
CREATE FUNCTION pg_temp.frugal(p_name text, p_sql text, p_most bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_read record := pg_temp.rows_read(p_sql);
BEGIN
	RETURN ok(v_read.seq = 0 AND v_read.idx <= p_most, format('%s reads %s rows by index, %s by scan', p_name, v_read.idx, v_read.seq));
END
$$;
CREATE TEMP TABLE page AS SELECT t.must_as('amy', 'list_users(p_limit => 200)') ->> 'next_cursor' AS users, t.must_as('amy', 'list_groups(p_limit => 200)') ->> 'next_cursor' AS groups,
	t.must_as('amy', 'list_group_members(p_group => ''g000001'', p_limit => 200)') ->> 'next_cursor' AS members, t.must_as('amy', 'list_logins(p_limit => 200)') ->> 'next_cursor' AS logins,
	t.must_as('amy', 'list_api_keys(p_limit => 200)') ->> 'next_cursor' AS keys;
GRANT SELECT ON page TO PUBLIC;

SELECT pg_temp.frugal(x.c, format('SELECT t.must_as(%L, %L)', x.w, x.c), x.most) FROM (VALUES
	('amy', 'get_me()', 20), ('amy', 'list_users()', 400), ('amy', format('list_users(p_limit => 200, p_cursor => %L)', (SELECT users FROM page)), 1500),
	('amy', 'list_users(p_role => ''operator'')', 400), ('amy', 'list_users(p_active => false)', 400), ('amy', 'list_users(p_role => ''auditor'')', 100),
	('amy', 'get_user(p_user => ''u001000'')', 50), ('amy', 'list_groups()', 400), ('amy', format('list_groups(p_limit => 200, p_cursor => %L)', (SELECT groups FROM page)), 1500),
	('art', 'list_groups()', 400), ('amy', 'list_groups(p_user => ''art'')', 400), ('amy', 'get_group(p_group => ''g000500'')', 50),
	('amy', format('list_group_members(p_group => ''g000001'', p_limit => 200, p_cursor => %L)', (SELECT members FROM page)), 1500),
	('amy', 'list_logins()', 700), ('amy', format('list_logins(p_limit => 200, p_cursor => %L)', (SELECT logins FROM page)), 2500), ('ann', 'list_logins()', 100),
	('amy', 'list_logins(p_user => ''u001000'')', 100), ('amy', 'list_api_keys()', 700), ('ann', 'list_api_keys()', 100),
	('amy', format('list_api_keys(p_limit => 200, p_cursor => %L)', (SELECT keys FROM page)), 2500),
	('amy', 'update_user(p_user => ''u001000'', p_active => false)', 100), ('amy', 'add_group_member(p_group => ''g000501'', p_user => ''u001001'')', 100)) AS x (w, c, most);
SELECT pg_temp.frugal('a log-in', 'SELECT t.login(''red'', ''ann'', ''another'')', 150);
SELECT pg_temp.frugal('a batch of uses', format('SELECT t.must(''api'', %L)', format('SELECT streamspace.record_credential_uses(p_items => %L)', (SELECT jsonb_agg(
	jsonb_build_object('hash', encode(sha256(('login' || u.user_id)::bytea), 'hex'), 'age_ms', 0)) FROM (SELECT u.user_id FROM streamspace_data.app_user AS u
	WHERE u.name ~ '^u' LIMIT 100) AS u))), 1000);

SELECT * FROM finish();
ROLLBACK;
