-- Names, notes and tags: what a session may be called, who may say so, and lists by tag and by template.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
SELECT t.must_as('amy', 'put_template(p_name => ''other'', p_spec => ''{"displayName": "O", "platforms": ["process"], "command": ["x"]}'')');
CREATE TEMP TABLE s AS SELECT 'ann' AS owner, n, t.create_session('ann') AS id FROM generate_series(1, 5) AS n;
INSERT INTO s SELECT 'art', n, t.create_session('art') FROM generate_series(6, 8) AS n;
INSERT INTO s VALUES ('art', 9, t.must_as('art', 'create_session(p_template => ''other'')') ->> 'id');
INSERT INTO s VALUES ('bob', 10, t.create_session('bob'));
GRANT SELECT ON s TO PUBLIC;
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT id FROM s WHERE n = p_n $$;
CREATE FUNCTION pg_temp.update(p_user text, p_n int, p_rest text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.as(p_user, format('update_session(p_session => %L, %s)', pg_temp.id(p_n), p_rest))
$$;
CREATE FUNCTION pg_temp.session(p_n int) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_session(p_session => %L)', pg_temp.id(p_n)))
$$;
-- The time of a session is that of its tags.
UPDATE streamspace_data.session SET created_at = now() - (s.n / 2) * interval '1 minute' FROM s WHERE session_id = s.id;

SELECT is(pg_temp.session(1) - ARRAY(SELECT k FROM jsonb_object_keys(pg_temp.session(1)) AS k WHERE k NOT IN ('name', 'notes', 'tags')),
	'{"name": null, "notes": null, "tags": []}', 'at first: no name, no notes, no tags');
SELECT is((pg_temp.update('ann', 1, 'p_name => ''Work'', p_notes => ''of May'', p_tags => ''{b,a,b}''')).code, 'ok', 'its owner names it');
SELECT is(pg_temp.session(1) ->> 'name', 'Work', 'name');
SELECT is(pg_temp.session(1) ->> 'notes', 'of May', 'notes');
SELECT is(pg_temp.session(1) -> 'tags', '["a", "b"]', 'tags: sorted, each once');
SELECT pg_temp.update('ann', 1, 'p_tags => ''{c,a}''');
SELECT is(pg_temp.session(1) -> 'tags', '["a", "c"]', 'tags are replaced as a whole');
SELECT is(pg_temp.session(1) ->> 'name', 'Work', 'and what is not named is kept');
SELECT pg_temp.update('ann', 1, 'p_name => '''', p_notes => ''''');
SELECT is(pg_temp.session(1) -> 'name', 'null', 'an empty name takes it away');
SELECT is(pg_temp.session(1) -> 'notes', 'null', 'and so do empty notes');
SELECT pg_temp.update('ann', 1, 'p_tags => ''{}''');
SELECT is(pg_temp.session(1) -> 'tags', '[]', 'no tags takes all away');
SELECT is(ARRAY(SELECT e.details -> 'tags' FROM streamspace_data.session_event AS e WHERE e.session_id = pg_temp.id(1) AND e.event = 'update'
	ORDER BY e.event_id), ARRAY['["a", "b"]', '["a", "c"]', '["a", "c"]', '[]']::jsonb[], 'each change stands in the history');

-- Revisions: one more for each call that changes anything, whatever it changes.
CREATE FUNCTION pg_temp.revision(p_n int) RETURNS int LANGUAGE sql AS $$ SELECT (pg_temp.session(p_n) ->> 'revision')::int $$;
CREATE FUNCTION pg_temp.steps(p_rest text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	v_before int := pg_temp.revision(2);
BEGIN
	PERFORM t.must_as('ann', format('update_session(p_session => %L, %s)', pg_temp.id(2), p_rest));
	RETURN pg_temp.revision(2) - v_before;
END
$$;
SELECT is(pg_temp.steps(x.rest), x.want, format('%s: %s more', x.rest, x.want))
  FROM (VALUES ('p_name => ''N''', 1), ('p_name => ''N''', 0), ('p_tags => ''{x}''', 1), ('p_tags => ''{x}''', 0), ('p_notes => ''n''', 1),
	('p_name => ''M'', p_notes => ''m'', p_tags => ''{y}''', 1), ('p_name => NULL', 0), ('p_tags => ''{}''', 1)) AS x (rest, want);
SELECT is((pg_temp.update('ann', 2, format('p_name => ''Q'', p_if_revision => %s', pg_temp.revision(2) - 1))).code, 'revision_mismatch', 'another revision');
SELECT is((pg_temp.update('ann', 2, format('p_name => ''Q'', p_if_revision => %s', pg_temp.revision(2) - 1))).detail::jsonb ->> 'revision',
	pg_temp.revision(2)::text, 'which it has');
SELECT is((pg_temp.update('ann', 2, format('p_name => ''Q'', p_if_revision => %s', pg_temp.revision(2)))).code, 'ok', 'its own revision');

-- Who may.
SELECT is((pg_temp.update(w.who, 2, 'p_name => ''Z''')).code, w.want, format('%s: %s', w.who, w.want))
  FROM (VALUES ('art', 'session_not_found'), ('bob', 'session_not_found'), ('bea', 'session_not_found'), ('amy', 'ok'), ('root', 'ok')) AS w (who, want);

-- What may not be one.
SELECT is((pg_temp.update('ann', 3, x.rest)).code, 'invalid_argument', format('refused: %s', left(x.rest, 50)))
  FROM (VALUES ('p_tags => ''{A}'''), ('p_tags => ''{""}'''), ('p_tags => ''{a b}'''), ('p_tags => ''{-a}'''), ('p_tags => ''{a-}'''), ('p_tags => ''{NULL}'''),
	(format('p_tags => ''{%s}''', repeat('a', 64))), (format('p_tags => %L', (SELECT array_agg('t' || n) FROM generate_series(1, 33) AS n))),
	(format('p_name => %L', repeat('n', 201))), ('p_name => E''a\nb'''), (format('p_notes => %L', repeat('n', 4001)))) AS x (rest);
SELECT is((pg_temp.update('ann', 3, x.rest)).code, 'ok', format('taken: %s', left(x.rest, 50)))
  FROM (VALUES (format('p_tags => ''{%s}''', repeat('a', 63))), (format('p_tags => %L', (SELECT array_agg('t' || n) FROM generate_series(1, 32) AS n))),
	('p_tags => ''{team:a/b.c_d-1}'''), (format('p_name => %L', repeat('ñ', 200))), (format('p_notes => %L', repeat('n', 4000)))) AS x (rest);

-- Lists.
SELECT pg_temp.update('ann', n, 'p_tags => ''{red,blue}''') FROM generate_series(1, 4) AS n;
SELECT pg_temp.update('art', n, 'p_tags => ''{red}''') FROM generate_series(6, 9) AS n;
SELECT pg_temp.update('bob', 10, 'p_tags => ''{red}''');
CREATE FUNCTION pg_temp.list(p_user text, p_filter text, p_limit int) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
	v_page jsonb;
	v_cursor text;
	v_all int[] := '{}';
BEGIN
	FOR i IN 1..50 LOOP
		v_page := t.must_as(p_user, format('list_sessions(%s, p_limit => %s, p_cursor => %L)', p_filter, p_limit, v_cursor));
		v_all := v_all || ARRAY(SELECT (SELECT s.n FROM s WHERE s.id = x.i ->> 'id') FROM jsonb_array_elements(v_page -> 'items')
			WITH ORDINALITY AS x (i, k) ORDER BY x.k);
		v_cursor := v_page ->> 'next_cursor';
		EXIT WHEN v_cursor IS NULL;
	END LOOP;
	RETURN v_all;
END
$$;
SELECT is(pg_temp.list(x.who, x.filter, l), x.want, format('%s: %s by pages of %s', x.who, x.filter, l))
  FROM (VALUES
	('amy', 'p_tag => ''red''', '{1,3,2,4,7,6,9,8}'::int[]), ('amy', 'p_tag => ''blue''', '{1,3,2,4}'), ('amy', 'p_tag => ''green''', '{}'),
	('ann', 'p_tag => ''red''', '{1,3,2,4}'), ('bob', 'p_tag => ''red''', '{10}'), ('bea', 'p_tag => ''red''', '{10}'),
	('amy', 'p_tag => ''red'', p_owner => ''art''', '{7,6,9,8}'), ('amy', 'p_tag => ''red'', p_template => ''other''', '{9}'),
	('amy', 'p_tag => ''red'', p_state => ''running''', '{}'), ('amy', 'p_tag => ''red'', p_state => ''starting''', '{1,3,2,4,7,6,9,8}'),
	('amy', 'p_template => ''other''', '{9}'), ('amy', 'p_template => ''term''', '{1,3,2,5,4,7,6,8}'), ('amy', 'p_template => ''none''', '{}'),
	('art', 'p_template => ''other''', '{9}'), ('ann', 'p_template => ''other''', '{}'), ('amy', 'p_template => ''term'', p_owner => ''art''', '{7,6,8}'),
	('amy', 'p_template => ''other'', p_state => ''starting''', '{9}'), ('amy', 'p_template => ''other'', p_state => ''failed''', '{}')) AS x (who, filter, want),
       unnest(ARRAY[1, 3, 200]) AS l;
SELECT is(t.code_as('amy', 'list_sessions(p_tag => ''No tag'')'), 'invalid_argument', 'what is no tag');

SELECT * FROM finish();
ROLLBACK;
