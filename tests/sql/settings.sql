-- Settings of the installation: read and changed by platform administrators, bounded, each with an effect (which the
-- tests of what it sets show: logins.sql, api_keys.sql, throttle.sql, inventory.sql, idempotency.sql, history).
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();

SELECT is(t.must_as('root', 'get_settings()'), '{"login_idle_seconds": 28800, "login_max_seconds": 43200, "api_key_max_seconds": 31536000,
	"login_window_seconds": 900, "login_attempts_per_account": 10, "login_attempts_per_address": 100, "event_retention_seconds": 34560000,
	"audit_retention_seconds": 34560000, "command_retention_seconds": 604800, "request_retention_seconds": 172800, "orphan_grace_seconds": 600,
	"connection_retention_seconds": 2592000, "viewers_per_session": 200, "viewer_tickets_per_user": 200,
	"home_size_mib": 10240, "home_retention_seconds": null, "revision": 1}', 'what is set at first');
SELECT is(t.must_as('root', 'put_settings(p_settings => ''{"login_idle_seconds": 60, "orphan_grace_seconds": 0}'', p_if_revision => 1)')
	- 'login_idle_seconds' - 'orphan_grace_seconds' - 'revision',
	t.must_as('root', 'get_settings()') - 'login_idle_seconds' - 'orphan_grace_seconds' - 'revision', 'what is absent stays');
SELECT is(t.must_as('root', 'get_settings()') ->> 'login_idle_seconds', '60', 'what is there is set');
SELECT is(t.must_as('root', 'get_settings()') ->> 'revision', '2', 'and counts');
SELECT is(t.code_as('root', 'put_settings(p_settings => ''{"login_idle_seconds": 61}'', p_if_revision => 1)'), 'revision_mismatch', 'an older revision');
SELECT is(t.must('dba', 'SELECT streamspace.put_settings(p_settings => ''{"login_idle_seconds": 28800.0}'')') ->> 'login_idle_seconds', '28800', 'an integer however it is written');

-- The bootstrap key is one of them, and is never shown.
CREATE FUNCTION pg_temp.set_key(p_key text, p_if_revision bigint) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.as('root', format('set_bootstrap_key(p_key_hash => %L, p_if_revision => %s)', sha256(convert_to(p_key, 'UTF8')), p_if_revision))
$$;
SELECT (t.must_as('root', 'get_settings()') ->> 'revision')::bigint AS revision \gset
SELECT is((pg_temp.set_key('one', :revision - 1)).code, 'revision_mismatch', 'not by who has not seen the last change');
SELECT is((pg_temp.set_key('one', :revision - 1)).detail::jsonb, jsonb_build_object('revision', :revision), 'the refusal says what there is');
SELECT is((pg_temp.set_key('one', :revision)).code, 'ok', 'with the present revision');
SELECT is((t.must_as('root', 'get_settings()') ->> 'revision')::bigint, :revision + 1::bigint, 'which it raises');
SELECT is((pg_temp.set_key('two', :revision)).code, 'revision_mismatch', 'so the next one must look again');
SELECT is((SELECT count(*) FROM streamspace_data.credential AS c WHERE c.kind = 'bootstrap' AND c.revoked_at IS NULL
	AND c.token_hash = sha256('one')), 1::bigint, 'and the key stays');

SELECT is(t.code_as(w.who, c.call), 'forbidden', format('not for %s: %s', w.who, c.call))
  FROM (VALUES ('amy'), ('ann'), ('bea')) AS w (who), (VALUES ('get_settings()'), ('put_settings(p_settings => ''{}'')')) AS c (call);
SELECT is(t.code_as('root', format('put_settings(p_settings => %L)', s.settings)), 'invalid_argument', format('no settings: %s', s.settings)) FROM (VALUES
	(NULL), ('null'), ('[]'), ('1'), ('{"colour": 1}'), ('{"revision": 1}'), ('{"login_idle_seconds": null}'), ('{"login_idle_seconds": "60"}'),
	('{"login_idle_seconds": 60.5}'), ('{"login_idle_seconds": 59}'), ('{"login_idle_seconds": 31536001}'), ('{"login_idle_seconds": 1e400}'),
	('{"login_max_seconds": 0}'), ('{"api_key_max_seconds": 60}'), ('{"api_key_max_seconds": 315360001}'), ('{"login_window_seconds": 86401}'),
	('{"login_attempts_per_account": 0}'), ('{"login_attempts_per_account": 1001}'), ('{"login_attempts_per_address": 100001}'),
	('{"event_retention_seconds": 86400}'), ('{"audit_retention_seconds": 2678399}'), ('{"command_retention_seconds": 1}'),
	('{"request_retention_seconds": 86399}'), ('{"orphan_grace_seconds": -1}'), ('{"home_size_mib": 0}'),
	('{"connection_retention_seconds": 86399}'), ('{"viewers_per_session": 0}'), ('{"viewers_per_session": 10001}'),
	('{"viewer_tickets_per_user": 0}'), ('{"viewer_tickets_per_user": 10001}'),
	('{"home_size_mib": null}'), ('{"home_retention_seconds": -1}'), ('{"home_retention_seconds": 2147483648}')) AS s (settings);
SELECT is(((t.as('root', 'put_settings(p_settings => ''{"login_max_seconds": 1}'')')).detail)::jsonb ->> 'pointer', '/login_max_seconds', 'the refusal names the setting');

-- The bounds of the functions are those of the table: every setting takes both its ends.
SELECT is(t.code_as('root', format('put_settings(p_settings => %L)', jsonb_build_object(s.key, s.value))), 'ok', format('%s: %s', s.key, s.value)) FROM (VALUES
	('login_idle_seconds', 60), ('login_idle_seconds', 31536000), ('login_max_seconds', 60), ('login_max_seconds', 31536000), ('api_key_max_seconds', 3600),
	('api_key_max_seconds', 315360000), ('login_window_seconds', 60), ('login_window_seconds', 86400), ('login_attempts_per_account', 1),
	('login_attempts_per_account', 1000), ('login_attempts_per_address', 1), ('login_attempts_per_address', 100000), ('event_retention_seconds', 2678400),
	('event_retention_seconds', 315360000), ('audit_retention_seconds', 2678400), ('audit_retention_seconds', 315360000), ('command_retention_seconds', 86400),
	('command_retention_seconds', 315360000), ('request_retention_seconds', 86400), ('request_retention_seconds', 315360000),
	('orphan_grace_seconds', 0), ('orphan_grace_seconds', 31536000), ('home_size_mib', 1), ('home_size_mib', 1073741824),
	('connection_retention_seconds', 86400), ('connection_retention_seconds', 315360000), ('viewers_per_session', 1), ('viewers_per_session', 10000),
	('viewer_tickets_per_user', 1), ('viewer_tickets_per_user', 10000),
	('home_retention_seconds', 0), ('home_retention_seconds', 2147483647)) AS s (key, value);
SELECT is(t.must_as('root', 'put_settings(p_settings => ''{"home_size_mib": 5}'')') ->> 'home_retention_seconds', '2147483647', 'a setting that may be null stays when it is absent');
SELECT is(t.must_as('root', 'put_settings(p_settings => ''{"home_retention_seconds": null}'')') -> 'home_retention_seconds', 'null', 'and goes when it is null');
SELECT is((SELECT l.org_id FROM streamspace_data.audit_log AS l WHERE l.function = 'put_settings' LIMIT 1), NULL, 'the audit log of the platform has it');

SELECT * FROM finish();
ROLLBACK;
