-- Sharing: view or control, with a user or a group, until it ends, is revoked, or the other is none any more. What a
-- sharee may do, and that it is nothing else.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('abe', 'red'), t.make_user('aud', 'red', 'auditor'), t.make_user('ope', 'red', 'operator');
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s AS SELECT n, t.create_session('ann') AS id FROM generate_series(1, 6) AS n;
INSERT INTO s VALUES (7, t.create_session('bob'));
UPDATE streamspace_data.session SET created_at = now() - s.n * interval '1 minute' FROM s WHERE session_id = s.id;
GRANT SELECT ON s TO PUBLIC;
INSERT INTO streamspace_data.user_group (org_id, name) SELECT o.org_id, g.name FROM streamspace_data.org AS o, (VALUES ('red', 'crew'), ('red', 'team'), ('blue', 'boys')) AS g (org, name)
 WHERE o.name = g.org;
INSERT INTO streamspace_data.group_member (org_id, group_id, user_id) SELECT g.org_id, g.group_id, u.user_id FROM streamspace_data.user_group AS g
	JOIN streamspace_data.app_user AS u USING (org_id) WHERE g.name IN ('crew', 'team') AND u.name = 'abe';
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT id FROM s WHERE n = p_n $$;
CREATE FUNCTION pg_temp.share(p_user text, p_n int, p_rest text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.as(p_user, format('share_session(p_session => %L, %s)', pg_temp.id(p_n), p_rest))
$$;
CREATE FUNCTION pg_temp.get(p_user text, p_n int) RETURNS text LANGUAGE sql AS $$
	SELECT t.code_as(p_user, format('get_session(p_session => %L)', pg_temp.id(p_n)))
$$;
CREATE FUNCTION pg_temp.shared(p_user text, p_rest text DEFAULT 'p_limit => 50') RETURNS int[] LANGUAGE sql AS $$
	SELECT ARRAY(SELECT (SELECT s.n FROM s WHERE s.id = x.i ->> 'id') FROM jsonb_array_elements(
		t.must_as(p_user, format('list_sessions(p_shared => true, %s)', p_rest)) -> 'items') WITH ORDINALITY AS x (i, k) ORDER BY x.k)
$$;
-- Whether somebody may act in it, as report_activity() asks.
CREATE FUNCTION pg_temp.access(p_user text, p_n int, p_need text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(streamspace_rules.check_session_access('own', u.user_id, pg_temp.id(p_n), p_need) ->> 'code', 'ok')
	FROM streamspace_data.app_user AS u WHERE u.name = p_user
$$;

SELECT is(pg_temp.get('art', 1), 'session_not_found', 'before: another''s session is none');
SELECT is(pg_temp.shared('art'), '{}', 'and nothing is shared with him');
SELECT is((pg_temp.share('ann', 1, 'p_user => ''art''')).code, 'ok', 'ann shares a session with art');
SELECT is(pg_temp.get('art', 1), 'ok', 'he sees it');
SELECT is(pg_temp.get('art', 2), 'session_not_found', 'and no other');
SELECT is(pg_temp.get('abe', 1), 'session_not_found', 'and nobody else does');
SELECT is(pg_temp.shared('art'), '{1}', 'it is in his list of what is shared');
SELECT is(t.must_as('art', 'list_sessions()') -> 'items', '[]', 'and not in that of his own');
SELECT is(pg_temp.shared('ann'), '{}', 'the owner''s list of what is shared with him does not have it');
SELECT is(ARRAY[pg_temp.access('art', 1, 'view'), pg_temp.access('art', 1, 'control'), pg_temp.access('art', 1, 'own')],
	ARRAY['ok', 'session_not_found', 'session_not_found'], 'view is view');

-- Nothing else: every mutation of a session, and every look behind it.
CREATE FUNCTION pg_temp.rest(p_user text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT x.call || ': ' || t.code_as(p_user, format(x.call, pg_temp.id(1))) FROM (VALUES ('hibernate_session(p_session => %L)'), ('wake_session(p_session => %L)'),
		('terminate_session(p_session => %L)'), ('update_session(p_session => %L, p_name => ''x'')'), ('share_session(p_session => %L, p_user => ''amy'')'),
		('list_shares(p_session => %L)'), ('revoke_share(p_session => %L, p_share => ''sh-x'')')) AS x (call)
$$;
SELECT matches(r, 'session_not_found$', 'view: ' || r) FROM pg_temp.rest('art') AS r;
SELECT is((pg_temp.share('ann', 1, 'p_user => ''art'', p_mode => ''control''')).value - '{id,created_at,created_by,expires_at}'::text[],
	jsonb_build_object('session', pg_temp.id(1), 'user', 'art', 'group', NULL, 'mode', 'control', 'revision', 2), 'shared again: the same share, another mode');
SELECT is((SELECT count(*) FROM streamspace_data.session_share), 1::bigint, 'one share for one user');
SELECT is(ARRAY[pg_temp.access('art', 1, 'view'), pg_temp.access('art', 1, 'control'), pg_temp.access('art', 1, 'own')],
	ARRAY['ok', 'ok', 'session_not_found'], 'control is view and control');
SELECT matches(r, 'session_not_found$', 'control: ' || r) FROM pg_temp.rest('art') AS r;
SELECT matches(r, ': (ok|invalid_transition|share_not_found)$', 'control: the owner may ' || r) FROM pg_temp.rest('ann') AS r;

-- Revoked at once.
SELECT is(t.code_as('art', format('revoke_share(p_session => %L, p_share => %L)', pg_temp.id(1),
	(SELECT share_id FROM streamspace_data.session_share JOIN streamspace_data.app_user USING (org_id, user_id) WHERE name = 'art'))), 'session_not_found', 'not by whom it is with');
SELECT t.must_as('ann', format('revoke_share(p_session => %L, p_share => %L)', pg_temp.id(1), share_id)) FROM streamspace_data.session_share;
SELECT is(ARRAY(SELECT e.event || ' ' || (e.details ->> 'user') || ' ' || (e.details ->> 'mode') FROM streamspace_data.session_event AS e
	WHERE e.session_id = pg_temp.id(1) AND e.event ~ 'share' AND e.details ->> 'user' = 'art' ORDER BY e.event_id), ARRAY['share art view', 'share art control', 'revoke_share art control'],
	'the history has it');
SELECT is(pg_temp.get('art', 1), 'session_not_found', 'revoked: gone at the next call');
SELECT is(pg_temp.shared('art'), '{}', 'from the list, too');

-- By group: whoever is in it now.
SELECT is((pg_temp.share('ann', 2, 'p_group => ''crew'', p_mode => ''control''')).code, 'ok', 'with a group');
SELECT is(ARRAY[pg_temp.get('abe', 2), pg_temp.get('art', 2)], ARRAY['ok', 'session_not_found'], 'its member sees it, another does not');
SELECT is(pg_temp.access('abe', 2, 'control'), 'ok', 'and has control');
SELECT is((pg_temp.share('ann', 2, 'p_group => ''team''')).code, 'ok', 'with another group of his');
SELECT is((pg_temp.share('ann', 2, 'p_user => ''abe''')).code, 'ok', 'and with himself');
SELECT is(pg_temp.shared('abe'), '{2}', 'it shows once');
SELECT is((pg_temp.share('ann', n, CASE n % 2 WHEN 0 THEN 'p_group => ''team''' ELSE 'p_user => ''abe''' END)).code, 'ok', 'more') FROM generate_series(3, 6) AS n;
SELECT is(pg_temp.shared('abe'), '{2,3,4,5,6}', 'newest first, by user and by group');
SELECT is(pg_temp.shared('abe', 'p_limit => 2'), '{2,3}', 'by pages');
SELECT is(pg_temp.shared('abe', format('p_limit => 2, p_cursor => %L', t.must_as('abe', 'list_sessions(p_shared => true, p_limit => 2)') ->> 'next_cursor')), '{4,5}', 'and the next');
SELECT t.must_as('ann', format('update_session(p_session => %L, p_tags => ''{x}'')', pg_temp.id(n))) FROM generate_series(4, 5) AS n;
SELECT is(pg_temp.shared('abe', 'p_tag => ''x'''), '{4,5}', 'with a filter');
SELECT is(pg_temp.shared('abe', 'p_state => ''running'''), '{}', 'that nothing passes');
DELETE FROM streamspace_data.group_member AS m USING streamspace_data.user_group AS g WHERE g.group_id = m.group_id AND g.name = 'team';
SELECT is(pg_temp.shared('abe'), '{2,3,5}', 'who leaves a group loses what is shared with it');
SELECT is(ARRAY[pg_temp.get('abe', 4), pg_temp.get('abe', 5)], ARRAY['session_not_found', 'ok'], 'and nothing else');
DELETE FROM streamspace_data.user_group WHERE name = 'crew';
SELECT is((SELECT count(*) FROM streamspace_data.session_share JOIN s ON s.id = session_id WHERE s.n = 2), 2::bigint, 'a group that is deleted takes its shares with it');

-- Who is deactivated is out at the next call; who is active again finds his shares.
UPDATE streamspace_data.app_user SET active = false WHERE name = 'abe';
SELECT is(pg_temp.get('abe', 5), 'unauthorized', 'deactivated');
SELECT is((pg_temp.share('ann', 4, 'p_user => ''abe''')).code, 'user_not_found', 'nothing is shared with him now');
UPDATE streamspace_data.app_user SET active = true WHERE name = 'abe';
SELECT is(pg_temp.get('abe', 5), 'ok', 'active');

-- Until it ends.
SELECT is((pg_temp.share('ann', 1, 'p_user => ''abe'', p_expires_at => now() + interval ''1 hour''')).code, 'ok', 'for an hour');
SET streamspace.clock_offset = '59 minutes';
SELECT is(pg_temp.access('abe', 1, 'view'), 'ok', 'before its end');
SELECT is(streamspace_rules.purge_shares(100), 0, 'nothing to remove');
SET streamspace.clock_offset = '60 minutes';
SELECT is(pg_temp.access('abe', 1, 'view'), 'session_not_found', 'after it');
SELECT is((streamspace.tick() ->> 'shares_purged')::int, 1, 'a sweep removes it');
RESET streamspace.clock_offset;
SELECT is(pg_temp.get('abe', 1), 'session_not_found', 'for good');

-- What may not be.
INSERT INTO s VALUES (8, t.create_session('ann'));
SELECT is((pg_temp.share(x.who, x.n, x.rest)).code, x.want, format('%s, %s: %s', x.who, x.rest, x.want))
  FROM (VALUES ('art', 8, 'p_user => ''amy''', 'session_not_found'), ('bob', 8, 'p_user => ''art''', 'session_not_found'), ('aud', 8, 'p_user => ''art''', 'forbidden'),
	('ann', 8, 'p_user => ''bob''', 'user_not_found'), ('ann', 8, 'p_group => ''boys''', 'group_not_found'), ('ann', 8, 'p_user => ''none''', 'user_not_found'),
	('ann', 8, 'p_user => ''ann''', 'invalid_argument'), ('ann', 8, 'p_mode => ''view''', 'invalid_argument'), ('ann', 8, 'p_user => ''art'', p_group => ''team''', 'invalid_argument'),
	('ann', 8, 'p_user => ''art'', p_mode => ''own''', 'invalid_argument'), ('ann', 8, 'p_user => ''art'', p_mode => ''''', 'invalid_argument'),
	('ann', 8, 'p_user => ''art'', p_expires_at => now()', 'invalid_argument'), ('ann', 8, 'p_user => ''art'', p_expires_at => ''infinity''', 'invalid_argument'),
	('ann', 8, 'p_user => ''art'', p_if_revision => 1', 'revision_mismatch'), ('amy', 8, 'p_user => ''art''', 'ok'), ('ope', 8, 'p_user => ''art''', 'ok'), ('root', 8, 'p_user => ''art''', 'ok'),
	('ann', 8, 'p_user => ''art'', p_if_revision => 2', 'revision_mismatch'), ('ann', 8, 'p_user => ''art'', p_if_revision => 1, p_mode => ''control''', 'ok')) AS x (who, n, rest, want);
SELECT throws_like($$INSERT INTO streamspace_data.session_share (org_id, share_id, session_id, user_id, mode, session_created_at, created_by, created_at)
	SELECT s.org_id, 'sh-' || repeat('0', 26), s.session_id, u.user_id, 'view', now(), 'x', now() FROM streamspace_data.session AS s, streamspace_data.app_user AS u
	 WHERE s.session_id = pg_temp.id(8) AND u.name = 'bob'$$, '%session_share_has_a_user%', 'whatever a function does, no share crosses organisations');

-- The list of shares of a session, and revoking by others.
CREATE FUNCTION pg_temp.with(p_user text) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY(SELECT i ->> 'user' FROM jsonb_array_elements(t.must_as(p_user, format('list_shares(p_session => %L)', pg_temp.id(8))) -> 'items') AS i)
$$;
SELECT pg_temp.share('ann', 8, 'p_user => ''amy''');
SELECT is(pg_temp.with(w), ARRAY['art', 'amy'], format('%s lists them', w)) FROM unnest(ARRAY['ann', 'amy', 'ope', 'aud', 'root']) AS w;
SELECT is(t.must_as('ann', format('list_shares(p_session => %L, p_limit => 1)', pg_temp.id(8))) ->> 'next_cursor' IS NOT NULL, true, 'by pages');
SELECT is(t.code_as(x.who, format('revoke_share(p_session => %L, p_share => %L%s)', pg_temp.id(x.n), h.share_id, x.rest)), x.want, format('%s revokes: %s', x.who, x.want))
  FROM (VALUES ('bea', 8, '', 'session_not_found'), ('aud', 8, '', 'forbidden'), ('ann', 2, '', 'share_not_found'), ('ann', 8, ', p_if_revision => 7', 'revision_mismatch'),
	('ope', 8, '', 'ok'), ('ann', 8, '', 'share_not_found')) AS x (who, n, rest, want),
       (SELECT h.share_id FROM streamspace_data.session_share AS h JOIN streamspace_data.app_user AS u USING (org_id, user_id) WHERE u.name = 'amy') AS h;
-- A session that has ended is shared no more with anybody new.
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', pg_temp.id(6)));
SELECT is((pg_temp.share('ann', 6, 'p_user => ''art''')).code, 'invalid_transition', 'a terminated session is not shared');

SELECT * FROM finish();
ROLLBACK;
