-- Who sees a template: groups of its organisation, organisations that hold a copy; and what deletion leaves.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
SELECT t.make_agent('agent-kube', 'kubernetes');
SELECT t.make_user('oda', 'red', 'operator'), t.make_user('abe', 'red', 'auditor');

-- art is of the painters, ann of nothing; blue has a group of the same name.
WITH g AS (INSERT INTO streamspace_data.user_group (org_id, name)
	SELECT o.org_id, n FROM streamspace_data.org AS o, unnest(ARRAY['painters', 'writers']) AS n WHERE o.name IN ('red', 'blue') RETURNING org_id, group_id, name)
INSERT INTO streamspace_data.group_member (org_id, group_id, user_id)
	SELECT g.org_id, g.group_id, u.user_id FROM g JOIN streamspace_data.app_user AS u USING (org_id)
	 WHERE (g.name, u.name) IN (('painters', 'art'), ('writers', 'bob'));

CREATE FUNCTION pg_temp.names(p_user text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(i ->> 'name', ' ' ORDER BY n) FROM jsonb_array_elements(t.must_as(p_user, 'list_templates()') -> 'items') WITH ORDINALITY AS x (i, n)
$$;
CREATE FUNCTION pg_temp.spec(p_title text) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('displayName', p_title, 'command', '["x"]'::jsonb)::text
$$;
-- What a user may do with a template: see it, list it, see its revisions, start it.
CREATE FUNCTION pg_temp.may(p_user text, p_template text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', t.code_as(p_user, format('get_template(p_name => %L)', p_template)),
		CASE WHEN p_template = ANY (string_to_array(pg_temp.names(p_user), ' ')) THEN 'listed' ELSE 'hidden' END,
		t.code_as(p_user, format('list_template_revisions(p_template => %L)', p_template)),
		CASE WHEN p_user <> 'abe' THEN t.code_as(p_user, format('create_session(p_template => %L%s)', p_template,
			CASE WHEN p_user = 'oda' THEN ', p_owner => ''ann''' ELSE '' END)) END)
$$;
SELECT t.must_as('amy', format('put_template(p_name => ''easel'', p_spec => %L)', pg_temp.spec('Easel')));
SELECT is(pg_temp.may(u, 'easel'), 'ok listed ok ok', format('nobody chosen: %s', u)) FROM unnest(ARRAY['ann', 'art', 'amy', 'oda']) AS u;

-- Groups.
SELECT is(t.must_as('amy', 'get_template_access(p_template => ''easel'')'),
	'{"template": "easel", "org": "red", "groups": null, "published_to": null, "managed": false, "revision": 1}', 'who sees it: everybody');
SELECT is(t.must_as('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{painters}'')') - 'published_to',
	'{"template": "easel", "org": "red", "groups": ["painters"], "managed": false, "revision": 2}', 'kept for the painters');
SELECT is(pg_temp.may(u, 'easel'), want, format('kept for the painters: %s', u)) FROM (VALUES
	('ann', 'template_not_found hidden template_not_found template_not_found'), ('art', 'ok listed ok ok'), ('amy', 'ok listed ok ok'),
	('oda', 'ok listed ok ok'), ('abe', 'ok listed ok')) AS v (u, want);
SELECT is(t.code_as('ann', 'get_template(p_name => ''easel'', p_revision => 1)'), 'template_not_found', 'nor an earlier revision');
SELECT is(t.must_as('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{painters}'')') ->> 'revision', '2', 'the same again changes nothing');
SELECT is(t.must_as('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{writers,painters,painters}'')') ->> 'groups', '["painters", "writers"]', 'two groups');
DELETE FROM streamspace_data.group_member AS m USING streamspace_data.app_user AS u WHERE u.user_id = m.user_id AND u.name = 'art';
SELECT is(pg_temp.may('art', 'easel'), 'template_not_found hidden template_not_found template_not_found', 'who leaves the group sees it no more, at once');
SELECT is(t.must_as('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{}'')') ->> 'groups', '[]', 'kept for nobody');
SELECT is(pg_temp.may('art', 'easel'), 'template_not_found hidden template_not_found template_not_found', 'nobody is nobody');
SELECT is(pg_temp.may('amy', 'easel'), 'ok listed ok ok', 'but for those who administer');
SELECT is(t.must_as('amy', 'set_template_access(p_template => ''easel'', p_groups => NULL)') ->> 'groups', NULL, 'and for everybody again');
SELECT is(pg_temp.may('ann', 'easel'), 'ok listed ok ok', 'everybody is everybody');
SELECT is(t.code_as(who, call), want, format('%s: %s', who, left(call, 80))) FROM (VALUES
	('ann', 'set_template_access(p_template => ''easel'', p_groups => NULL)', 'forbidden'), ('oda', 'set_template_access(p_template => ''easel'', p_groups => NULL)', 'forbidden'),
	('abe', 'set_template_access(p_template => ''easel'', p_groups => NULL)', 'forbidden'),
	('bea', 'set_template_access(p_template => ''easel'', p_groups => NULL)', 'template_not_found'),
	('amy', 'set_template_access(p_template => ''none'', p_groups => NULL)', 'template_not_found'), ('amy', 'set_template_access(p_template => NULL, p_groups => NULL)', 'invalid_argument'),
	('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{sculptors}'')', 'group_not_found'),
	('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{NULL}'')', 'invalid_argument'),
	('amy', format('set_template_access(p_template => ''easel'', p_groups => %L)', array_fill('x'::text, ARRAY[201])), 'invalid_argument'),
	('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{painters}'', p_if_revision => 1)', 'revision_mismatch'),
	('amy', 'set_template_access(p_template => ''easel'', p_groups => ''{painters}'', p_if_revision => 5)', 'ok'),
	('ann', 'get_template_access(p_template => ''easel'')', 'forbidden'), ('oda', 'get_template_access(p_template => ''easel'')', 'ok'),
	('abe', 'get_template_access(p_template => ''easel'')', 'ok'), ('amy', 'get_template_access(p_template => ''none'')', 'template_not_found')) AS v (who, call, want);
SELECT t.must_as('amy', 'set_template_access(p_template => ''easel'', p_groups => NULL)');

-- Copies for organisations.
SELECT is(t.must_as('root', 'publish_template(p_template => ''easel'', p_orgs => ''{blue,default}'', p_org => ''red'')') -> 'published_to', '["blue", "default"]', 'published');
SELECT is(t.must_as('amy', 'get_template_access(p_template => ''easel'')') -> 'published_to', 'null', 'to whom is told to platform administrators only');
SELECT is(t.must_as('bob', 'get_template(p_name => ''easel'')') - ARRAY['created_at', 'updated_at'],
	'{"name": "easel", "org": "blue", "revision": 1, "platforms": ["process"], "spec": {"displayName": "Easel", "command": ["x"]}, "managed": true}', 'bob of blue has it');
SELECT is(pg_temp.may('bob', 'easel'), 'ok listed ok ok', 'and may start it');
SELECT is((t.must_as('ann', 'get_template(p_name => ''easel'')') ->> 'managed'), 'false', 'the source is no copy');
SELECT is(t.must_as('root', 'publish_template(p_template => ''easel'', p_orgs => ''{blue,default}'', p_org => ''red'')') ->> 'revision', '8', 'the same again changes nothing');
SELECT is(t.must_as('root', 'get_template(p_name => ''easel'', p_org => ''blue'')') ->> 'revision', '1', 'neither does it there');
SELECT is(t.code_as(who, call), want, format('%s: %s', who, left(call, 90))) FROM (VALUES
	('bea', format('put_template(p_name => ''easel'', p_spec => %L)', pg_temp.spec('Mine')), 'template_managed'),
	('bea', 'delete_template(p_template => ''easel'')', 'template_managed'), ('root', 'delete_template(p_template => ''easel'', p_org => ''blue'')', 'template_managed'),
	('root', 'publish_template(p_template => ''easel'', p_orgs => ''{}'', p_org => ''blue'')', 'template_managed'),
	('bea', 'set_template_access(p_template => ''easel'', p_groups => ''{painters}'')', 'ok'),
	('amy', 'publish_template(p_template => ''easel'', p_orgs => ''{blue}'')', 'forbidden'),
	('root', 'publish_template(p_template => ''easel'', p_orgs => NULL, p_org => ''red'')', 'invalid_argument'),
	('root', 'publish_template(p_template => ''easel'', p_orgs => ''{blue,NULL}'', p_org => ''red'')', 'invalid_argument'),
	('root', 'publish_template(p_template => ''easel'', p_orgs => ''{red}'', p_org => ''red'')', 'invalid_argument'),
	('root', 'publish_template(p_template => ''easel'', p_orgs => ''{nowhere}'', p_org => ''red'')', 'org_not_found'),
	('root', 'publish_template(p_template => ''none'', p_orgs => ''{blue}'', p_org => ''red'')', 'template_not_found'),
	('root', 'publish_template(p_template => ''term'', p_orgs => ''{blue}'', p_org => ''red'')', 'already_exists'),
	('root', 'publish_template(p_template => ''easel'', p_orgs => ''{blue}'', p_org => ''red'', p_if_revision => 1)', 'revision_mismatch')) AS v (who, call, want);
SELECT is(pg_temp.may('bob', 'easel'), 'template_not_found hidden template_not_found template_not_found', 'groups of blue count in blue');
SELECT is(pg_temp.may('ann', 'easel'), 'ok listed ok ok', 'and in blue only');
SELECT t.must_as('bea', 'set_template_access(p_template => ''easel'', p_groups => NULL)');

SELECT t.must_as('amy', format('put_template(p_name => ''easel'', p_spec => %L)', pg_temp.spec('Easel 2')));
SELECT is(t.must_as('bob', 'get_template(p_name => ''easel'')') #>> '{spec,displayName}', 'Easel 2', 'a change of the source reaches the copy');
SELECT is(t.must_as('root', 'get_template(p_name => ''easel'')') #>> '{spec,displayName}', 'Easel 2', 'every copy');
SELECT is(t.must_as('bea', 'list_template_revisions(p_template => ''easel'')') #> '{items,0,created_by}', '"user:red/amy"', 'as a revision that names who made it');
SELECT is(t.must_as('root', 'publish_template(p_template => ''easel'', p_orgs => ''{default}'', p_org => ''red'')') -> 'published_to', '["default"]', 'taken from blue');
SELECT is(pg_temp.may('bob', 'easel'), 'template_not_found hidden template_not_found template_not_found', 'where it is gone');
SELECT is(t.code_as('bea', format('put_template(p_name => ''easel'', p_spec => %L)', pg_temp.spec('Mine'))), 'ok', 'the name is free again');
SELECT is(t.code_as('root', 'publish_template(p_template => ''easel'', p_orgs => ''{blue}'', p_org => ''red'')'), 'already_exists', 'and then taken');

-- Deletion: hidden, its copies too; sessions keep what they were made from; the name may come back.
CREATE TEMP TABLE s AS SELECT t.must_as('ann', 'create_session(p_template => ''easel'')') ->> 'id' AS id;
SELECT is(t.code_as('ann', 'delete_template(p_template => ''easel'')'), 'forbidden', 'a user deletes nothing');
SELECT is(t.code_as('amy', 'delete_template(p_template => ''easel'', p_if_revision => 1)'), 'revision_mismatch', 'nor does one who has not seen the last change');
SELECT is(t.must_as('amy', 'delete_template(p_template => ''easel'', p_if_revision => 2)') - ARRAY['created_at', 'updated_at', 'spec'],
	'{"name": "easel", "org": "red", "revision": 2, "platforms": ["process"], "managed": false, "deleted": true}', 'deleted');
SELECT is(pg_temp.may(u, 'easel'), 'template_not_found hidden template_not_found template_not_found', format('%s finds it no more', u)) FROM unnest(ARRAY['ann', 'amy']) AS u;
SELECT is(t.code_as('root', 'get_template(p_name => ''easel'')'), 'template_not_found', 'its copy went with it');
SELECT is(t.code_as('amy', call), 'template_not_found', call) FROM unnest(ARRAY['delete_template(p_template => ''easel'')', 'get_template_access(p_template => ''easel'')',
	'set_template_access(p_template => ''easel'', p_groups => NULL)']) AS call;
SELECT is(t.must('dba', format('SELECT streamspace.get_session(p_session => %L)', (SELECT id FROM s))) ->> 'template', 'easel', 'its session is there');
SELECT is(t.code_as('amy', format('put_template(p_name => ''easel'', p_spec => %L, p_if_revision => 2)', pg_temp.spec('Back'))), 'revision_mismatch', 'what is gone has no revision');
SELECT is(t.must_as('amy', format('put_template(p_name => ''easel'', p_spec => %L)', pg_temp.spec('Easel 2'))) ->> 'revision', '3', 'put again it has a new one, also with the same content');
SELECT is(pg_temp.may('ann', 'easel'), 'ok listed ok ok', 'for everybody');
SELECT is(t.code_as('root', 'get_template(p_name => ''easel'')'), 'template_not_found', 'and is published nowhere');
SELECT is(t.must_as('root', 'publish_template(p_template => ''easel'', p_orgs => ''{default}'', p_org => ''red'')') -> 'published_to', '["default"]', 'until it is');

-- On Kubernetes agents a deleted template goes; what it was is not sent.
SELECT count(t.claim('agent-kube'));
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now() WHERE agent_id = 'agent-kube' AND state IN ('pending', 'sent', 'acked');
SELECT t.must_as('amy', 'put_template(p_name => ''kube'', p_spec => ''{"displayName": "K", "baseImage": "registry.test/k:1"}'')');
SELECT t.must_as('amy', 'delete_template(p_template => ''kube'')');
SELECT is((SELECT jsonb_agg(jsonb_build_array(c #> '{message,action}', c #> '{message,objectId}', c #> '{message,payload}')) FROM jsonb_array_elements(t.claim('agent-kube')) AS c),
	'[["remove", "kube.red", {"name": "kube.red", "revision": 1}]]', 'its agents remove it');
SELECT is(t.must('api', format('SELECT streamspace.record_inventory(p_agent => ''agent-kube'', p_epoch => %s, p_objects => ''[]'', p_complete => true)', t.epoch('agent-kube'))) ->> 'commands', '0',
	'and it is not missed');

SELECT * FROM finish();
ROLLBACK;
