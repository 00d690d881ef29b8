-- Groups: made, changed, filled and removed by administrators of the organisation, seen by nobody else's.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('ops', 'red', 'operator'), t.make_user('aud', 'red', 'auditor');
CREATE FUNCTION pg_temp.group(p_name text, p_org text DEFAULT 'red') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_group(p_group => %L, p_org => %L)', p_name, p_org))
$$;

-- Make and change.
SELECT is(t.must_as('amy', 'put_group(p_name => ''devs'', p_display_name => ''Developers'')') - '{created_at,updated_at}'::text[],
	'{"name": "devs", "org": "red", "display_name": "Developers", "members": 0, "revision": 1}', 'a group');
SELECT is(t.must_as('amy', 'put_group(p_name => ''devs'')') - '{created_at,updated_at}'::text[],
	'{"name": "devs", "org": "red", "display_name": "Developers", "members": 0, "revision": 2}', 'NULL keeps its name');
SELECT is(t.must_as('amy', 'put_group(p_name => ''devs'', p_display_name => '''', p_if_revision => 2)') ->> 'display_name', '', 'and it can be emptied');
SELECT is((t.as('amy', 'put_group(p_name => ''devs'', p_display_name => ''X'', p_if_revision => 2)')).detail::jsonb, '{"revision": 3}',
	'an older revision is told the present one');
SELECT is(t.code_as('amy', 'put_group(p_name => ''devs'', p_if_revision => 2)'), 'revision_mismatch', 'and refused');
SELECT is((t.as('amy', 'put_group(p_name => ''none'', p_if_revision => 1)')).detail::jsonb, '{"revision": null}', 'what is not there has no revision');
SELECT is_empty($$SELECT g.name FROM streamspace_data.user_group AS g WHERE g.name = 'none'$$, 'and is not made by the way');
SELECT is(t.code_as('amy', format('put_group(p_name => %L)', n.name)), 'invalid_argument', format('no name for a group: %L', n.name))
  FROM (VALUES (NULL), (''), ('A'), ('-a'), ('a-'), ('a b'), (repeat('a', 64)), (E'a\n')) AS n (name);
SELECT is(t.code_as('amy', format('put_group(p_name => ''devs'', p_display_name => %L)', repeat('x', 201))), 'invalid_argument', 'too long a name for people');

-- Members.
SELECT is(t.must_as('amy', 'add_group_member(p_group => ''devs'', p_user => ''ann'')') - '{created_at,updated_at}'::text[],
	'{"name": "devs", "org": "red", "display_name": "", "members": 1, "revision": 4}', 'a member counts');
SELECT is(t.must_as('amy', 'add_group_member(p_group => ''devs'', p_user => ''ann'')') ->> 'members', '1', 'once');
SELECT is(t.must_as('amy', 'add_group_member(p_group => ''devs'', p_user => ''art'', p_if_revision => 4)') ->> 'members', '2', 'a second one');
SELECT is(t.code_as('amy', 'add_group_member(p_group => ''devs'', p_user => ''amy'', p_if_revision => 4)'), 'revision_mismatch', 'an older revision of the group');
SELECT is(t.code_as('amy', 'remove_group_member(p_group => ''devs'', p_user => ''ann'', p_if_revision => 4)'), 'revision_mismatch', 'also on the way out');
SELECT is(t.code_as('amy', 'add_group_member(p_group => ''devs'', p_user => ''bob'')'), 'user_not_found', 'a user of another organisation is none');
SELECT is(t.code_as('amy', 'add_group_member(p_group => ''none'', p_user => ''ann'')'), 'group_not_found', 'no such group');
SELECT is(t.code_as('amy', 'add_group_member(p_group => NULL, p_user => ''ann'')'), 'invalid_argument', 'group NULL');
SELECT is(t.code_as('amy', 'add_group_member(p_group => ''devs'', p_user => NULL)'), 'invalid_argument', 'user NULL');
SELECT is((t.must_as('amy', 'list_group_members(p_group => ''devs'')') #> '{items,0}') - 'added_at'::text,
	'{"user": "ann", "display_name": "Ann", "role": "user", "active": true}', 'a member in the list');
SELECT is(jsonb_path_query_array(t.must_as('amy', 'list_group_members(p_group => ''devs'')'), '$.items[*].user'), '["ann", "art"]', 'all members');
SELECT is(jsonb_path_query_array(t.must_as('amy', format('list_group_members(p_group => ''devs'', p_limit => 1, p_cursor => %L)',
	t.must_as('amy', 'list_group_members(p_group => ''devs'', p_limit => 1)') ->> 'next_cursor')), '$.items[*].user'), '["art"]', 'by pages');
SELECT is(t.must_as('amy', 'list_group_members(p_group => ''devs'', p_limit => 2)') ->> 'next_cursor', NULL, 'a full page can be the last one');
SELECT is(t.code_as('amy', format('list_group_members(p_group => ''devs'', p_cursor => %L)', c.cursor)), 'invalid_argument', format('no cursor: %L', c.cursor))
  FROM (VALUES (''), ('zz'), ('61'), ('3131313131313131313131'), (repeat('31', 400))) AS c (cursor);
SELECT is(t.must_as('amy', 'remove_group_member(p_group => ''devs'', p_user => ''art'')') ->> 'members', '1', 'one leaves');
SELECT is(t.code_as('amy', 'remove_group_member(p_group => ''devs'', p_user => ''art'')'), 'member_not_found', 'and cannot leave again');
SELECT is((SELECT g.members FROM streamspace_data.user_group AS g WHERE g.name = 'devs'),
	(SELECT count(*)::integer FROM streamspace_data.group_member AS m JOIN streamspace_data.user_group AS g USING (org_id, group_id) WHERE g.name = 'devs'),
	'the count is that of the rows');

-- Who may: administrators change, operators and auditors read, users see the groups that they are in.
SELECT is(t.code_as(w.who, c.call), CASE WHEN w.who = 'amy' THEN 'ok' ELSE 'forbidden' END, format('%s: %s', w.who, c.call))
  FROM (VALUES ('amy'), ('ops'), ('aud'), ('ann')) AS w (who),
       (VALUES ('put_group(p_name => ''mine'')'), ('add_group_member(p_group => ''devs'', p_user => ''art'')'),
               ('remove_group_member(p_group => ''devs'', p_user => ''art'')')) AS c (call);
SELECT is(t.code_as('ann', 'delete_group(p_group => ''devs'')'), 'forbidden', 'a member does not remove a group');
SELECT is(jsonb_path_query_array(t.must_as(w.who, 'list_groups()'), '$.items[*].name'), w.want::jsonb, format('groups that %s sees', w.who))
  FROM (VALUES ('amy', '["devs", "mine"]'), ('ops', '["devs", "mine"]'), ('aud', '["devs", "mine"]'), ('ann', '["devs"]'), ('art', '[]'),
               ('bob', '[]'), ('bea', '[]')) AS w (who, want);
SELECT is(t.code_as('ann', 'get_group(p_group => ''devs'')'), 'ok', 'a member sees his group');
SELECT is(t.code_as('art', 'get_group(p_group => ''devs'')'), 'group_not_found', 'others do not');
SELECT is(t.code_as('ann', 'list_group_members(p_group => ''devs'')'), 'forbidden', 'nor who else is in it');
SELECT is(t.code_as('ann', 'list_groups(p_user => ''ann'')'), 'ok', 'oneself may be named');
SELECT is(t.code_as('ann', 'list_groups(p_user => ''art'')'), 'forbidden', 'others not');
SELECT is(jsonb_path_query_array(t.must_as('ops', 'list_groups(p_user => ''ann'')'), '$.items[*].name'), '["devs"]', 'groups of a user');
SELECT is(t.code_as('ops', 'list_groups(p_user => ''bob'')'), 'user_not_found', 'not of another organisation');
SELECT is(t.code_as('ops', 'list_groups(p_user => '''')'), 'user_not_found', 'an empty name is nobody');
SELECT is(t.code_as('bea', c.call), c.want, format('another organisation: %s', c.call)) FROM (VALUES
	('get_group(p_group => ''devs'')', 'group_not_found'), ('list_group_members(p_group => ''devs'')', 'group_not_found'),
	('delete_group(p_group => ''devs'')', 'group_not_found'), ('add_group_member(p_group => ''devs'', p_user => ''bob'')', 'group_not_found'),
	('get_group(p_group => ''devs'', p_org => ''red'')', 'forbidden'), ('delete_group(p_group => ''devs'', p_org => ''red'')', 'forbidden'),
	('put_group(p_name => ''devs'', p_org => ''red'')', 'forbidden')) AS c (call, want);
SELECT is(t.must_as('bea', 'put_group(p_name => ''devs'', p_display_name => ''Blue ones'')') ->> 'org', 'blue', 'the same name elsewhere is another group');
SELECT is(pg_temp.group('devs') ->> 'display_name', '', 'and ours is as it was');
SELECT is(t.must_as('root', 'get_group(p_group => ''devs'', p_org => ''blue'')') ->> 'display_name', 'Blue ones', 'a platform administrator sees both');

-- Bounds.
SELECT t.must_as('amy', format('put_group(p_name => %L)', 'g' || n)), t.must_as('amy', format('add_group_member(p_group => %L, p_user => ''ann'')', 'g' || n))
  FROM generate_series(1, 49) AS n;
SELECT is((t.as('amy', 'add_group_member(p_group => ''mine'', p_user => ''ann'')')).detail::jsonb, '{"what": "groups of a user", "limit": 50}', 'a user is in 50 groups');
SELECT is(pg_temp.group('mine') ->> 'members', '0', 'and what was refused does not count');
SELECT is(jsonb_array_length(t.must_as('ann', 'list_groups(p_limit => 49)') -> 'items'), 49, 'own groups by pages');
SELECT is(jsonb_array_length(t.must_as('ann', format('list_groups(p_cursor => %L)', t.must_as('ann', 'list_groups(p_limit => 49)') ->> 'next_cursor')) -> 'items'),
	1, 'the rest');

-- Remove.
SELECT is(t.code_as('amy', 'delete_group(p_group => ''devs'', p_if_revision => 1)'), 'revision_mismatch', 'not an older revision');
SELECT is(t.must_as('amy', 'delete_group(p_group => ''devs'')') ->> 'name', 'devs', 'a group goes');
SELECT is(t.code_as('amy', 'get_group(p_group => ''devs'')'), 'group_not_found', 'and is gone');
SELECT is(t.code_as('amy', 'delete_group(p_group => ''devs'')'), 'group_not_found', 'once');
SELECT is(jsonb_array_length(t.must_as('ann', 'list_groups(p_limit => 200)') -> 'items'), 49, 'its memberships, too');
SELECT is(t.code_as('ann', 'get_me()'), 'ok', 'the users stay');
CREATE TABLE streamspace_data.rule_about_a_group (org_id integer NOT NULL, group_id integer NOT NULL,
	FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group (org_id, group_id));
INSERT INTO streamspace_data.rule_about_a_group SELECT g.org_id, g.group_id FROM streamspace_data.user_group AS g WHERE g.name = 'g1';
SELECT is((t.as('amy', 'delete_group(p_group => ''g1'')')).detail::jsonb, '{"group": "g1", "by": "rule_about_a_group"}', 'a rule holds its group');
SELECT is(pg_temp.group('g1') ->> 'members', '1', 'which keeps its members');
SELECT is(t.code_as('amy', 'delete_group(p_group => ''g1'', p_dry_run => true)'), 'group_in_use', 'a dry run says the same');

SELECT * FROM finish();
ROLLBACK;
