-- The catalogue's rules as one query: t.lint() names every object that breaks one.
-- tests/sql/catalogue.sql wants it empty, and then plants a flaw for each rule to see that it is found.

CREATE FUNCTION t.function_name(p_function oid) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT p_function::regprocedure::text
$$;

-- The functions that cross tenants, schema and name a line in sql/system_functions.txt (loaded by install.sql).
CREATE TABLE t.system_function (name text PRIMARY KEY);

CREATE VIEW t.api_function AS
	SELECT p.oid, p.proname AS name, p.prosecdef, p.proconfig, p.proacl, p.provolatile, p.prosrc, p.proowner,
	       p.pronargs, coalesce(p.proargnames, '{}') AS argument_names,
	       EXISTS (SELECT FROM t.system_function AS s WHERE s.name = 'streamspace.' || p.proname) AS is_system,
	       'p_dry_run' = ANY (p.proargnames) AS is_mutation
	  FROM pg_proc AS p
	 WHERE p.pronamespace = 'streamspace'::regnamespace;

CREATE FUNCTION t.lint() RETURNS TABLE (rule text, object text) LANGUAGE sql STABLE AS $$
	SELECT 'security definer', t.function_name(f.oid) FROM t.api_function AS f WHERE NOT f.prosecdef
	UNION ALL
	SELECT 'search_path', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE NOT coalesce(f.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}'
	UNION ALL
	SELECT 'owner', t.function_name(p.oid) FROM pg_proc AS p
	 WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
	   AND p.proowner <> (CASE WHEN EXISTS (SELECT FROM t.system_function AS s
	                                         WHERE s.name = p.pronamespace::regnamespace || '.' || p.proname)
	                           THEN 'streamspace_system'
	                           -- Partitions belong to the owner of their table, who alone can make them.
	                           WHEN p.proname IN ('make_partitions', 'drop_partitions', 'watch_table', 'record_direct_ddl') THEN 'streamspace_owner' ELSE 'streamspace_definer' END)::regrole
	UNION ALL
	SELECT 'system list names no function', s.name FROM t.system_function AS s
	 WHERE NOT EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace::regnamespace || '.' || p.proname = s.name)
	UNION ALL
	SELECT 'execute by PUBLIC', t.function_name(p.oid) FROM pg_proc AS p
	 WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
	   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
	UNION ALL
	SELECT 'granted to whom it concerns', format('%s: %s', t.function_name(f.oid), a.grantee::regrole)
	  FROM t.api_function AS f, aclexplode(f.proacl) AS a
	 WHERE a.grantee <> f.proowner
	   AND a.grantee <> ALL (ARRAY['streamspace_api', 'streamspace_dba', 'streamspace_monitor']::regrole[]::oid[])
	   AND a.grantee <> 0
	UNION ALL
	SELECT 'callable by somebody', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE NOT has_function_privilege('streamspace_api', f.oid, 'EXECUTE')
	   AND NOT has_function_privilege('streamspace_dba', f.oid, 'EXECUTE')
	UNION ALL
	SELECT 'comment', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE coalesce(obj_description(f.oid, 'pg_proc'), '') = ''
	UNION ALL
	SELECT 'volatility', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE (f.provolatile = 'i' AND f.name NOT IN ('schema_version', 'check_schema')) OR (f.is_mutation AND f.provolatile <> 'v')
	    OR (f.name ~ '^(get|list)_' AND f.provolatile <> 's')
	UNION ALL
	SELECT 'one function a name', f.name::text FROM t.api_function AS f GROUP BY f.name HAVING count(*) > 1
	UNION ALL
	SELECT 'parameters begin with p_', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE f.pronargs > 0 AND EXISTS (
		SELECT FROM unnest(f.argument_names) WITH ORDINALITY AS a (name, number)
		 WHERE a.number <= f.pronargs AND a.name !~ '^p_[a-z]')
	UNION ALL
	SELECT 'a mutation takes actor, key and dry run last', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE ('p_dry_run' = ANY (f.argument_names) OR 'p_request_id' = ANY (f.argument_names))
	   AND f.argument_names[f.pronargs - 2 : f.pronargs]
	       IS DISTINCT FROM ARRAY['p_actor', 'p_request_id', 'p_dry_run']
	UNION ALL
	SELECT 'the revision to be found stands before the actor', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE 'p_if_revision' = ANY (f.argument_names)
	   AND f.argument_names[f.pronargs - 3] IS DISTINCT FROM 'p_if_revision'
	UNION ALL
	SELECT 'a mutation takes the revision of what it changes', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE f.is_mutation AND 'p_if_revision' <> ALL (f.argument_names) AND f.name !~ '^create_'
	   -- of no single object that is read (docs/decisions/0010)
	   AND f.name NOT IN ('after_restore', 'change_sessions')
	UNION ALL
	SELECT 'who takes an actor forgets the org', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE 'p_actor' = ANY (f.argument_names) AND NOT f.is_system
	   AND NOT EXISTS (SELECT FROM unnest(f.proconfig) AS c (setting) WHERE c.setting IN ('streamspace.org=', 'streamspace.org=""'))
	UNION ALL
	SELECT 'no refcursor', t.function_name(f.oid) FROM t.api_function AS f
	  JOIN pg_proc AS p ON p.oid = f.oid WHERE p.prorettype = 'refcursor'::regtype
	UNION ALL
	SELECT 'only ring() notifies', t.function_name(p.oid) FROM pg_proc AS p
	 WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
	   AND (p.prosrc ~* '\mpg_notify\M' OR p.prosrc ~* '(^|;|\mthen\M|\mbegin\M)\s*notify\M')
	   AND (p.pronamespace, p.proname) <> ('streamspace_rules'::regnamespace, 'ring')
	UNION ALL
	SELECT 'helpers are granted to no caller', format('%s: %s', t.function_name(p.oid), r.role)
	  FROM pg_proc AS p,
	       (VALUES ('streamspace_api'), ('streamspace_dba'), ('streamspace_monitor')) AS r (role)
	 WHERE p.pronamespace = 'streamspace_rules'::regnamespace
	   AND (has_function_privilege(r.role, p.oid, 'EXECUTE')
	        AND has_schema_privilege(r.role, 'streamspace_rules', 'USAGE'))
	UNION ALL
	SELECT 'helpers fix their search_path', t.function_name(p.oid) FROM pg_proc AS p
	 WHERE p.pronamespace = 'streamspace_rules'::regnamespace AND p.prosecdef
	   AND NOT coalesce(p.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}'
	UNION ALL
	SELECT 'foreign key without index', format('%s of %s', c.conname, c.conrelid::regclass)
	  FROM pg_constraint AS c
	 WHERE c.contype = 'f' AND c.connamespace = 'streamspace_data'::regnamespace AND c.conparentid = 0
	   AND NOT EXISTS (
		SELECT FROM pg_index AS i
		 WHERE i.indrelid = c.conrelid AND i.indisvalid
		   AND (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(c.conkey)] @> c.conkey
		   -- A partial index does where NULLs are left out, or where nobody may delete what is referred to.
		   AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ 'IS NOT NULL'
		        OR NOT EXISTS (SELECT FROM pg_class AS k, aclexplode(k.relacl) AS a WHERE k.oid = c.confrelid
		                       AND a.privilege_type = 'DELETE' AND a.grantee <> k.relowner)))
	UNION ALL
	SELECT 'row-level security', k.oid::regclass::text FROM pg_class AS k
	 WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relkind IN ('r', 'p') AND NOT k.relispartition
	   AND NOT k.relrowsecurity
	   AND (k.relname = 'org' OR EXISTS (
		SELECT FROM pg_attribute AS a WHERE a.attrelid = k.oid AND a.attname = 'org_id' AND NOT a.attisdropped))
	UNION ALL
	SELECT 'tables belong to streamspace_owner', k.oid::regclass::text FROM pg_class AS k
	 WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relkind IN ('r', 'p', 'S')
	   AND k.relowner <> 'streamspace_owner'::regrole
	UNION ALL
	SELECT 'tables are granted to nobody outside', format('%s: %s', k.oid::regclass,
	       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
	  FROM pg_class AS k, aclexplode(k.relacl) AS a
	 WHERE k.relnamespace = 'streamspace_data'::regnamespace
	   AND a.grantee <> ALL (ARRAY['streamspace_owner', 'streamspace_definer', 'streamspace_system',
	                               'streamspace_report']::regrole[]::oid[])
	UNION ALL
	SELECT 'history is append-only', format('%s: %s %s', k.oid::regclass, a.privilege_type, a.grantee::regrole)
	  FROM pg_class AS k, aclexplode(k.relacl) AS a
	 WHERE k.oid IN ('streamspace_data.audit_log'::regclass, 'streamspace_data.session_event'::regclass,
	                 'streamspace_data.session_change'::regclass)
	   AND a.grantee <> k.relowner AND a.privilege_type NOT IN ('SELECT', 'INSERT')
	UNION ALL
	SELECT 'system functions are not for DBAs', t.function_name(f.oid) FROM t.api_function AS f
	 WHERE f.is_system AND NOT 'p_actor' = ANY (f.argument_names) AND f.name NOT IN ('initialize', 'get_metrics')
	   AND has_function_privilege('streamspace_dba', f.oid, 'EXECUTE')
	UNION ALL
	SELECT 'a partition is granted to nobody', k.oid::regclass::text FROM pg_class AS k, aclexplode(k.relacl) AS a
	 WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relispartition AND k.relkind = 'r'
	   AND a.grantee <> k.relowner
	UNION ALL
	SELECT 'views belong to streamspace_report', k.oid::regclass::text FROM pg_class AS k
	 WHERE k.relnamespace = 'streamspace'::regnamespace AND k.relkind IN ('v', 'm')
	   AND k.relowner <> 'streamspace_report'::regrole
	UNION ALL
	SELECT 'views have a comment', k.oid::regclass::text FROM pg_class AS k
	 WHERE k.relnamespace = 'streamspace'::regnamespace AND k.relkind IN ('v', 'm')
	   AND coalesce(obj_description(k.oid, 'pg_class'), '') = ''
	UNION ALL
	SELECT 'functions never read views', t.function_name(p.oid) FROM pg_proc AS p
	  JOIN pg_class AS k ON k.relnamespace = 'streamspace'::regnamespace AND k.relkind IN ('v', 'm')
	 WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
	   AND p.prosrc ~ ('\mstreamspace\.' || k.relname || '\M')
	UNION ALL
	SELECT 'no table outside streamspace_data', k.oid::regclass::text FROM pg_class AS k
	 WHERE k.relnamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
	   AND k.relkind IN ('r', 'p')
	UNION ALL
	SELECT 'roles are harmless groups', r.rolname::text FROM pg_roles AS r
	 WHERE r.rolname LIKE 'streamspace\_%'
	   AND (r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
	UNION ALL
	SELECT 'nobody inherits the inner roles', format('%s of %s', m.member::regrole, m.roleid::regrole)
	  FROM pg_auth_members AS m
	 WHERE m.roleid = ANY (ARRAY['streamspace_owner', 'streamspace_definer', 'streamspace_system',
	                             'streamspace_report']::regrole[]::oid[])
	   AND NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.oid = m.member)
	UNION ALL
	SELECT 'nobody outside may create in our schemas', format('%s: %s', n.nspname, r.rolname)
	  FROM pg_namespace AS n, pg_roles AS r
	 WHERE n.nspname IN ('streamspace', 'streamspace_rules', 'streamspace_data') AND NOT r.rolsuper
	   AND has_schema_privilege(r.oid, n.oid, 'CREATE') AND r.rolname <> 'streamspace_owner'
	   AND r.oid <> n.nspowner
	UNION ALL
	SELECT 'only the code enters inner schemas', format('%s: %s', n.nspname, r.role)
	  FROM pg_namespace AS n, (VALUES ('streamspace_api'), ('streamspace_dba'), ('streamspace_monitor')) AS r (role)
	 WHERE n.nspname IN ('streamspace_rules', 'streamspace_data') AND has_schema_privilege(r.role, n.oid, 'USAGE')
	UNION ALL
	SELECT 'every refusal is in error_code', format('%s: %s', t.function_name(p.oid), m.code[1])
	  FROM pg_proc AS p, regexp_matches(p.prosrc, '(?:refuse|refusal)\s*\(\s*(?:p_code\s*=>\s*)?''([a-z_]+)''', 'g') AS m (code)
	 WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
	   AND NOT EXISTS (SELECT FROM streamspace_data.error_code AS e WHERE e.code = m.code[1])
$$;
