-- Streams of events: what each actor is told of, and that nobody is told of anything else; gaps; tokens that are none; what a
-- subscriber is read for; retention. Tokens against concurrent writers: tests/isolation/event_cursor.py.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('abe', 'red'), t.make_user('cat', 'red'), t.make_user('aud', 'red', 'auditor'), t.make_user('ope', 'red', 'operator');
SELECT t.make_agent('agent-1');
INSERT INTO streamspace_data.user_group (org_id, name) SELECT o.org_id, 'crew' FROM streamspace_data.org AS o WHERE o.name = 'red';
SELECT t.must_as('amy', 'add_group_member(p_group => ''crew'', p_user => ''abe'')');
-- A token that has seen nothing at all: whatever is signalled from here on, in this transaction too, is new to it.
CREATE FUNCTION pg_temp.dawn() RETURNS text LANGUAGE sql AS $$
	SELECT format('e1-%s-%s-3-0', streamspace_rules.generation(), (SELECT coalesce(max(m.mark), 0) FROM streamspace_data.signal_mark AS m))
$$;
CREATE FUNCTION pg_temp.read(p_user text, p_rest text DEFAULT 'p_limit => 500', p_since text DEFAULT pg_temp.dawn()) RETURNS jsonb LANGUAGE sql AS $$
	SELECT (t.then_as(p_user, format('read_events(p_since => %L, %s)', p_since, p_rest))).value
$$;
-- What each of those who are asked for is told of one session: its event, or event! when he may not see it any more.
CREATE FUNCTION pg_temp.told(p_session text, p_users text DEFAULT 'ann abe cat bob amy ope aud root bea') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(u.name || '=' || coalesce(r.events, r.gap), ' ' ORDER BY u.n)
	FROM unnest(string_to_array(p_users, ' ')) WITH ORDINALITY AS u (name, n)
	CROSS JOIN LATERAL (SELECT pg_temp.read(u.name) AS a) AS x
	CROSS JOIN LATERAL (SELECT x.a ->> 'gap' AS gap, (SELECT string_agg(i ->> 'event' || CASE WHEN i -> 'session' = 'null' THEN '!' ELSE '' END, ',')
		FROM jsonb_array_elements(x.a -> 'items') AS i WHERE i ->> 'id' = p_session) AS events) AS r
	WHERE coalesce(r.events, r.gap) IS NOT NULL
$$;
CREATE FUNCTION pg_temp.forget() RETURNS void LANGUAGE sql AS $$ DELETE FROM streamspace_data.signal $$;

SELECT is(t.must_as('ann', 'read_events()') - 'audience' - 'token', '{"gap": null, "items": []}', 'without a token: nothing but the token of now');
SELECT matches(t.must_as('ann', 'read_events()') ->> 'token', '^e1(-[0-9]+){4,}$', 'which is one');
SELECT is(pg_temp.read('abe') ->> 'gap', 'access_changed', 'who came into a group reads his lists again');
SELECT is(pg_temp.read('ann') ->> 'gap', NULL, 'others do not');
SELECT pg_temp.forget();

-- A session's life.
SELECT t.create_session('ann') AS id \gset
SELECT is(pg_temp.told(:'id'), 'ann=place amy=place ope=place aud=place', 'a new session: to its owner and those who see all, of this organisation');
SELECT is((pg_temp.read('ann') #> '{items,0}') - 'at' - 'session', jsonb_build_object('kind', 'session', 'id', :'id', 'event', 'place'), 'what an item is');
SELECT is(pg_temp.read('ann') #> '{items,0,session}', t.must_as('ann', format('get_session(p_session => %L)', :'id')), 'with the session as it is read');
SELECT is(jsonb_array_length(pg_temp.read('ann') -> 'items'), 1, 'once, however much happened to it');
SELECT pg_temp.forget();
SELECT t.run_command('agent-1', :'id', 'running');
SELECT is(pg_temp.told(:'id'), 'ann=report_running amy=report_running ope=report_running aud=report_running', 'it runs');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_name => ''mine'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann cat'), 'ann=update', 'it got a name');
SELECT is(pg_temp.read('ann') #>> '{items,0,session,name}', 'mine', 'this one');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_tags => ''{blue}'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann cat'), 'ann=update', 'a tag');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('report_activity(p_session => %L)', :'id'));
SELECT is(pg_temp.told(:'id'), NULL, 'that somebody uses it is no change');

-- Another organisation.
SELECT t.create_session('bob') AS theirs \gset
SELECT is(pg_temp.told(:'theirs'), 'bob=place bea=place', 'theirs');
SELECT is(t.code_as('amy', format('read_events(p_since => %L, p_org => ''blue'')', pg_temp.dawn())), 'forbidden', 'nobody asks for another organisation');
SELECT is(pg_temp.read('root', 'p_org => ''blue''') #>> '{items,0,id}', :'theirs', 'but a platform administrator');
SELECT is(pg_temp.read('root') -> 'items', '[]', 'who otherwise is told of his own');
SELECT pg_temp.forget();

-- Shares.
SELECT t.must_as('ann', format('share_session(p_session => %L, p_user => ''cat'')', :'id')) ->> 'id' AS share \gset
SELECT is(pg_temp.told(:'id', 'ann abe cat bob amy'), 'ann=share cat=share amy=share', 'shared with a user');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''x'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann abe cat bob'), 'ann=update cat=update', 'he is told of it from then on');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('revoke_share(p_session => %L, p_share => %L)', :'id', :'share'));
SELECT is(pg_temp.told(:'id', 'ann abe cat bob amy'), 'ann=revoke_share cat=revoke_share! amy=revoke_share', 'revoked: he is told, and no more than that');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''y'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann abe cat bob'), 'ann=update', 'and nothing later');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('share_session(p_session => %L, p_group => ''crew'')', :'id')) ->> 'id' AS share \gset
SELECT is(pg_temp.told(:'id', 'ann abe cat bob'), 'ann=share abe=share', 'shared with a group');
SELECT pg_temp.forget();
SELECT t.must_as('amy', 'add_group_member(p_group => ''crew'', p_user => ''cat'')');
SELECT is(pg_temp.read('cat') ->> 'gap', 'access_changed', 'a new member reads anew');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''z'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann abe cat bob'), 'ann=update abe=update cat=update', 'members are told');
SELECT pg_temp.forget();
SELECT t.must_as('amy', 'remove_group_member(p_group => ''crew'', p_user => ''cat'')');
SELECT is(pg_temp.read('cat') ->> 'gap', 'access_changed', 'who leaves reads anew');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''1'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann abe cat bob'), 'ann=update abe=update', 'and is told nothing');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('revoke_share(p_session => %L, p_share => %L)', :'id', :'share'));
SELECT is(pg_temp.told(:'id', 'ann abe cat bob'), 'ann=revoke_share abe=revoke_share!', 'revoked from the group');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('share_session(p_session => %L, p_user => ''cat'', p_expires_at => %L)', :'id', now() + interval '1 hour'));
SELECT pg_temp.forget();
SELECT t.clock('2 hours');
SELECT t.keep_logins();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''2'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann cat'), 'ann=update', 'an expired share shows nothing');
SELECT streamspace_rules.purge_shares(100);
SELECT is(pg_temp.told(:'id', 'ann cat'), 'ann=revoke_share cat=revoke_share!', 'and its removal is told');
SELECT pg_temp.forget();

-- Who somebody is.
SELECT t.must_as('amy', 'update_user(p_user => ''cat'', p_role => ''operator'')');

SELECT is(pg_temp.read('cat') ->> 'gap', 'access_changed', 'another role: other lists');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''3'')', :'id'));
SELECT is(pg_temp.told(:'id', 'ann cat'), 'ann=update cat=update', 'of the new role');
SELECT is(streamspace.read_event_batch(jsonb_build_array(
		jsonb_build_object('actor', encode(t.actor('ann'), 'hex'), 'since', pg_temp.dawn()),
		jsonb_build_object('actor', encode(t.actor('bob'), 'hex'), 'since', pg_temp.dawn()),
		jsonb_build_object('actor', encode(t.actor('nobody'), 'hex')), '{"actor": "x"}', '{}', '1',
		jsonb_build_object('actor', encode(t.actor('ann'), 'hex'), 'org', 'blue'),
		jsonb_build_object('actor', encode(t.actor('ann'), 'hex'), 'since', 'x'))) #- '{0,token}' #- '{1,token}',
	(SELECT jsonb_build_array(pg_temp.read('ann') - 'token', pg_temp.read('bob') - 'token', e.un, e.un, e.un, e.un, e.forbidden, e.invalid)
	   FROM (SELECT jsonb_build_object('error', streamspace_rules.error_json(streamspace_rules.refusal('unauthorized'))) AS un,
		jsonb_build_object('error', streamspace_rules.error_json(streamspace_rules.refusal('forbidden', '{"org": "blue"}'))) AS forbidden,
		jsonb_build_object('error', streamspace_rules.error_json(streamspace_rules.invalid('/since', 'is not a token of this stream'))) AS invalid) AS e),
	'a batch says of each what he would be told alone, or why not');
SELECT is(t.code('api', format('SELECT streamspace.read_event_batch(%L)', (SELECT jsonb_agg('{}'::jsonb) FROM generate_series(1, 201)))), 'invalid_argument', 'of 200 at most');
SELECT pg_temp.forget();

-- Whom a server has to read for: a superset of whom something is told.
CREATE FUNCTION pg_temp.concerned(p_since text DEFAULT pg_temp.dawn()) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', (SELECT string_agg(o.name, ' ' ORDER BY o.name) FROM streamspace_data.org AS o WHERE p.a -> 'orgs' @> to_jsonb(o.org_id)), '|',
		(SELECT string_agg(u.name, ' ' ORDER BY u.name) FROM streamspace_data.app_user AS u WHERE p.a -> 'users' @> to_jsonb(u.user_id)),
		CASE WHEN (p.a ->> 'all')::boolean THEN 'all' END)
	FROM (SELECT t.must('api', format('SELECT streamspace.peek_events(%L)', p_since)) AS a) AS p
$$;
SELECT is(pg_temp.concerned(), '|', 'nothing happened: nobody');
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''4'')', :'id'));
SELECT is(pg_temp.concerned(), 'red | ann', 'its owner, and who sees all of the organisation');
SELECT t.must_as('ann', format('share_session(p_session => %L, p_user => ''art'')', :'id')) ->> 'id' AS share \gset
SELECT t.must_as('ann', format('share_session(p_session => %L, p_group => ''crew'')', :'id'));
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''5'')', :'id'));
SELECT is(pg_temp.concerned(), 'red | abe ann art', 'with whom it is shared');
SELECT pg_temp.forget();
SELECT t.must_as('ann', format('revoke_share(p_session => %L, p_share => %L)', :'id', :'share'));
SELECT is(pg_temp.concerned(), 'red | abe ann art', 'or was');
SELECT pg_temp.forget();
SELECT t.must_as('amy', 'delete_group(p_group => ''crew'')');
SELECT is(pg_temp.concerned(), 'red | abe ann', 'the members of a group that goes');
SELECT is(pg_temp.read('abe') ->> 'gap', 'access_changed', 'who read anew');
SELECT pg_temp.forget();
SELECT t.must_as('art', 'log_out()');
SELECT is(pg_temp.concerned(), '| art', 'who logs out');
SELECT is(t.code_as('art', 'read_events()'), 'unauthorized', 'and is told nothing any more');
SELECT pg_temp.forget();
SELECT t.must_as('amy', 'update_user(p_user => ''abe'', p_active => false)');
SELECT is(pg_temp.concerned(), '| abe', 'who is deactivated');
SELECT pg_temp.forget();
SELECT is(pg_temp.concerned('e1-9-0-3-0'), '| all', 'after a restore: everybody');
SELECT is(t.code('api', 'SELECT streamspace.peek_events(''x'')'), 'invalid_argument', 'a token that is none');

-- Gaps.
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''6'')', :'id'));
SELECT is(pg_temp.read('ann', p_since => 'e1-9-0-3-0') - 'token' - 'audience', '{"gap": "restored", "items": []}', 'another generation');
SELECT is(pg_temp.read('ann', p_since => format('e1-%s-0-900000000000-0', streamspace_rules.generation())) ->> 'gap', 'restored', 'a transaction of the future');
SELECT t.create_session('ann') FROM generate_series(1, 2);
SELECT is(jsonb_array_length(pg_temp.read('ann', 'p_limit => 3') -> 'items'), 3, 'as many as fit');
SELECT is(pg_temp.read('ann', 'p_limit => 2') - 'token' - 'audience', '{"gap": "too_many", "items": []}', 'one more is a gap');
SELECT is(pg_temp.read('cat', 'p_limit => 2') ->> 'gap', 'too_many', 'for an operator too');
SELECT is(pg_temp.read('abe2', 'p_limit => 1') ->> 'gap', NULL, 'and nobody else')
  FROM (SELECT t.make_user('abe2', 'red')) AS x;
INSERT INTO streamspace_data.signal (org_id, event, session_id) SELECT s.org_id, 'update', s.session_id FROM streamspace_data.session AS s, generate_series(1, 20001) AS n WHERE s.session_id = :'id';
SELECT is(pg_temp.read('ann') ->> 'gap', 'too_many', 'more changes than are looked at');
SELECT is(pg_temp.concerned() LIKE '% all', true, 'everybody has to look');
SELECT pg_temp.forget();

-- Tokens that nobody gave out.
SELECT is(t.code_as('ann', format('read_events(p_since => %L)', x.token)), 'invalid_argument', format('token %s', left(x.token, 40))) FROM unnest(ARRAY['', 'x', 'e1', 'e1-1-0-3',
	'e2-1-0-3-0', 'e1-1-0-2-0', 'e1-1-0-3-0-0', 'e1-1-0-3-5-5', 'e1-1-0-3-5-1-4', 'e1-1-0--3-0', 'e1-1-0-3-x', 'e1-1-0-3-0 ', E'e1-1-0-3-0\n', 'e1-1-0-9223372036854775807-0', 'e1-1-0-999999999999999999999-1',
	'e1-1-0-3-900' || repeat('-1', 600)]) AS x (token);
SELECT is(t.code_as('ann', format('read_events(p_since => %L)', x.token)), 'ok', format('token %s', left(x.token, 40)))
  FROM unnest(ARRAY['e1-1-0-3-5-0-1-3', 'e1-1-0-3-900' || repeat('-1', 400)]) AS x (token);

-- Retention: a mark a minute; after an hour what is below it goes, and so do tokens that know of no such mark.
DELETE FROM streamspace_data.signal_mark;
SELECT t.clock('3 hours');
SELECT t.keep_logins();
SELECT is(streamspace_rules.purge_signals(), 0, 'the first mark');
SELECT is((SELECT array_agg(m.mark) FROM streamspace_data.signal_mark AS m), '{1}', 'is one');
SELECT streamspace_rules.purge_signals();
SELECT is((SELECT count(*) FROM streamspace_data.signal_mark), 1::bigint, 'not one a call');
SELECT t.must_as('ann', format('update_session(p_session => %L, p_notes => ''7'')', :'id'));
INSERT INTO streamspace_data.signal (xid, org_id, event, session_id) SELECT '3', s.org_id, 'old', s.session_id FROM streamspace_data.session AS s WHERE s.session_id = :'id';
SELECT is(pg_temp.read('ann', p_since => format('e1-%s-0-3-0', streamspace_rules.generation())) ->> 'gap', 'token_too_old', 'a token that knows of no mark that is kept');
SELECT t.clock('3 hours 59 minutes');
SELECT t.keep_logins();
SELECT is(streamspace_rules.purge_signals(), 0, 'within the hour nothing goes');
SELECT is(pg_temp.read('ann', p_since => format('e1-%s-1-3-0', streamspace_rules.generation())) ->> 'gap', NULL, 'no token is too old');
SELECT t.clock('4 hours 1 minute');
SELECT t.keep_logins();
SELECT is(streamspace_rules.purge_signals(), 1, 'then what ended before the first mark');
SELECT is((SELECT array_agg(DISTINCT g.event) FROM streamspace_data.signal AS g), '{update}', 'and nothing that was written after it');
SELECT is(pg_temp.read('ann', p_since => format('e1-%s-1-3-0', streamspace_rules.generation())) ->> 'gap', NULL, 'tokens of that mark have seen it');
SELECT t.clock('5 hours 30 minutes');
SELECT t.keep_logins();
SELECT streamspace_rules.purge_signals();
SELECT is(pg_temp.read('ann', p_since => format('e1-%s-1-3-0', streamspace_rules.generation())) ->> 'gap', 'token_too_old', 'a mark later they are too old');
UPDATE streamspace_data.signal_mark SET generation = 9;
SELECT cmp_ok(streamspace_rules.purge_signals(), '>', 0, 'numbers of another generation go');
SELECT is((SELECT count(*) FROM streamspace_data.signal), 0::bigint, 'all of them');
SELECT is((SELECT count(*) FROM streamspace_data.signal_mark WHERE generation = streamspace_rules.generation()), 1::bigint, 'and marks begin anew');
SELECT is(pg_temp.read('ann', p_since => format('e1-%s-1-3-0', streamspace_rules.generation())) ->> 'gap', 'token_too_old', 'tokens between the restore and this are too old');
SELECT * FROM finish();
ROLLBACK;
