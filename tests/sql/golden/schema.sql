-- The schema, normalised. Written by tests/bin/golden-schema --update; compared by tests/sql/schema.py.
-- roles
streamspace_api login=f super=f bypassrls=f inherit=t members=-
streamspace_dba login=f super=f bypassrls=f inherit=t members=-
streamspace_definer login=f super=f bypassrls=f inherit=t members=-
streamspace_monitor login=f super=f bypassrls=f inherit=t members=-
streamspace_owner login=f super=f bypassrls=f inherit=t members=-
streamspace_report login=f super=f bypassrls=f inherit=t members=-
streamspace_system login=f super=f bypassrls=f inherit=t members=-
set streamspace.org: {postgres=sA/postgres,streamspace_definer=s/postgres,streamspace_system=s/postgres}
-- functions
streamspace.accept_relay(p_ticket_hash bytea, p_replica text) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.acknowledge_commands(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.add_group_member(p_group text, p_user text, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.after_restore(p_reason text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.approve_agent(p_agent text, p_key_prefix text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.change_password(p_verified_hash text, p_password_hash text, p_actor bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.change_sessions(p_sessions text[] DEFAULT NULL::text[], p_action text DEFAULT NULL::text, p_argument text DEFAULT NULL::text, p_filter jsonb DEFAULT NULL::jsonb, p_all_or_nothing boolean DEFAULT false, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.check_password_token(p_token_hash bytea) RETURNS jsonb [plpgsql stable definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.check_schema(p_expected text) RETURNS jsonb [plpgsql immutable definer streamspace_definer search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.claim_commands(p_agents jsonb, p_limit integer DEFAULT 100) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp; plan_cache_mode=force_generic_plan; enable_seqscan=off; enable_hashjoin=off; enable_mergejoin=off] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.close_connection(p_connection text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.close_viewers(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.collect_agent_objects(p_agent text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.collect_agent_viewers(p_agent text, p_activity_seconds integer DEFAULT NULL::integer, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.complete_commands(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.complete_login(p_org text, p_user text, p_verified_hash text, p_token_hash bytea, p_address text DEFAULT NULL::text, p_user_agent text DEFAULT NULL::text) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.connect_agent(p_agent text, p_instance text DEFAULT NULL::text, p_replica text DEFAULT NULL::text, p_address text DEFAULT NULL::text, p_replace_epoch bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.connect_agent_stream(p_agent text, p_epoch bigint, p_replica text DEFAULT NULL::text, p_address text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.create_agent_token(p_agent text, p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.create_api_key(p_name text, p_scopes text[], p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.create_home(p_name text, p_size_mib bigint DEFAULT NULL::bigint, p_retention_seconds bigint DEFAULT NULL::bigint, p_owner text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.create_session(p_template text, p_owner text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_parameters jsonb DEFAULT NULL::jsonb, p_resources jsonb DEFAULT NULL::jsonb, p_placement jsonb DEFAULT NULL::jsonb, p_name text DEFAULT NULL::text, p_tags text[] DEFAULT NULL::text[], p_home text DEFAULT NULL::text, p_idle_seconds integer DEFAULT NULL::integer, p_max_seconds integer DEFAULT NULL::integer, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.create_sessions(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.create_user(p_name text, p_org text DEFAULT NULL::text, p_role text DEFAULT 'user'::text, p_display_name text DEFAULT NULL::text, p_max_sessions integer DEFAULT NULL::integer, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.create_viewer_ticket(p_session text, p_mode text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.delete_group(p_group text, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.delete_home(p_home text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.delete_schedule(p_session text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.delete_template(p_template text, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.disconnect_agent(p_agent text, p_epoch bigint, p_reason text DEFAULT NULL::text) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.disconnect_agent_stream(p_agent text, p_stream bigint) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.explain_placement(p_session text DEFAULT NULL::text, p_template text DEFAULT NULL::text, p_owner text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_resources jsonb DEFAULT NULL::jsonb, p_placement jsonb DEFAULT NULL::jsonb, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.extend_session(p_session text, p_seconds integer, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.find_waiting_agents(p_replica text) RETURNS jsonb [plpgsql stable definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.get_agent(p_agent text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_group(p_group text, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_home(p_home text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_me(p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_metrics() RETURNS jsonb [plpgsql stable definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_monitor=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.get_org(p_name text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_policy(p_scope text, p_name text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_quota(p_scope text, p_name text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_schedule(p_session text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_session(p_session text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_session_policy(p_session text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_settings(p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_template(p_name text, p_revision integer DEFAULT NULL::integer, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_template_access(p_template text, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.get_user(p_user text, p_org text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.hibernate_session(p_session text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.initialize(p_org text, p_admin text, p_password_hash text, p_bootstrap_key_hash bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.list_agent_tokens(p_agent text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.list_agents(p_approval text DEFAULT NULL::text, p_state text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_api_keys(p_user text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_audit(p_org text DEFAULT NULL::text, p_by text DEFAULT NULL::text, p_function text DEFAULT NULL::text, p_object text DEFAULT NULL::text, p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_until timestamp with time zone DEFAULT NULL::timestamp with time zone, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_audit_heads(p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_connections(p_session text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_error_codes() RETURNS TABLE(sqlstate text, code text, http_status integer, title text, hint text) [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer streamspace_monitor=X/streamspace_definer
streamspace.list_group_members(p_group text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=; jit=off; enable_seqscan=off] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_groups(p_user text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_homes(p_owner text DEFAULT NULL::text, p_state text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=; jit=off; enable_seqscan=off; enable_bitmapscan=off; enable_sort=off] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_logins(p_user text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_orgs(p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.list_policies(p_scope text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_quotas(p_scope text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_schedules(p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_session_events(p_session text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_sessions(p_state text DEFAULT NULL::text, p_owner text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_template text DEFAULT NULL::text, p_tag text DEFAULT NULL::text, p_shared boolean DEFAULT false, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_shares(p_session text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_stuck(p_why text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=; jit=off; enable_seqscan=off] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_template_revisions(p_template text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_templates(p_org text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=; jit=off; enable_seqscan=off; enable_bitmapscan=off; enable_sort=off] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.list_users(p_org text DEFAULT NULL::text, p_role text DEFAULT NULL::text, p_active boolean DEFAULT NULL::boolean, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.log_out(p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.login_challenge(p_org text, p_user text, p_address text DEFAULT NULL::text) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.observe_sessions(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.offer_agent_token(p_agent text, p_token_hash bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.open_viewer(p_session text, p_ticket_hash bytea, p_replica text, p_address text DEFAULT NULL::text) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.password_challenge(p_actor bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.peek_events(p_since text DEFAULT NULL::text) RETURNS jsonb [plpgsql stable definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.publish_template(p_template text, p_orgs text[], p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.put_group(p_name text, p_display_name text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.put_org(p_name text, p_display_name text DEFAULT NULL::text, p_max_sessions integer DEFAULT NULL::integer, p_max_sessions_per_user integer DEFAULT NULL::integer, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.put_policy(p_scope text, p_name text, p_policy jsonb, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.put_quota(p_scope text, p_name text DEFAULT NULL::text, p_limits jsonb DEFAULT NULL::jsonb, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.put_schedule(p_session text, p_schedule jsonb, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.put_session_policy(p_session text, p_policy jsonb, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.put_settings(p_settings jsonb, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.put_template(p_name text, p_spec jsonb, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.read_event_batch(p_items jsonb, p_limit integer DEFAULT 500) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.read_events(p_since text DEFAULT NULL::text, p_org text DEFAULT NULL::text, p_limit integer DEFAULT 500, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.record_activity(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.record_credential_uses(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.record_failed_login(p_org text, p_user text, p_address text DEFAULT NULL::text, p_user_agent text DEFAULT NULL::text) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.record_heartbeats(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.record_inventory(p_agent text, p_epoch bigint, p_objects jsonb, p_complete boolean) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.register_agent(p_agent text, p_platform text, p_region text DEFAULT NULL::text, p_capacity jsonb DEFAULT NULL::jsonb, p_metadata jsonb DEFAULT NULL::jsonb, p_protocol_version integer DEFAULT NULL::integer, p_key_hash text DEFAULT NULL::text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.register_cleanup_key(p_agent text, p_key_hash bytea) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.reject_agent(p_agent text, p_reason text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.remove_group_member(p_group text, p_user text, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.report_activity(p_session text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.report_progress(p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.reset_password(p_user text, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.retry_session(p_session text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.review_viewers(p_replica text, p_items jsonb) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.revoke_agent_token(p_token text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.revoke_api_key(p_key text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.revoke_login(p_login text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.revoke_share(p_session text, p_share text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.schema_version() RETURNS text [plpgsql immutable definer streamspace_definer search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer streamspace_monitor=X/streamspace_definer
streamspace.seal_audit(p_limit integer DEFAULT 10000) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.session_as_of(p_session text, p_at timestamp with time zone, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.session_outlook(p_session text, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.set_agent(p_agent text, p_labels jsonb DEFAULT NULL::jsonb, p_orgs text[] DEFAULT NULL::text[], p_draining boolean DEFAULT NULL::boolean, p_max_sessions integer DEFAULT NULL::integer, p_max_millicores integer DEFAULT NULL::integer, p_max_memory_mib integer DEFAULT NULL::integer, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.set_bootstrap_key(p_key_hash bytea, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.set_cleanup_key(p_agent text, p_key_hash bytea, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_dba=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.set_doorbell(p_replica text, p_awake_seconds integer) RETURNS void [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.set_password(p_token_hash bytea, p_password_hash text, p_address text DEFAULT NULL::text) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.set_template_access(p_template text, p_groups text[], p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.share_session(p_session text, p_user text DEFAULT NULL::text, p_group text DEFAULT NULL::text, p_mode text DEFAULT 'view'::text, p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.take_horizon() RETURNS bigint [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.terminate_session(p_session text, p_force boolean DEFAULT false, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.tick(p_limit integer DEFAULT 500) RETURNS jsonb [plpgsql volatile definer streamspace_system search_path=pg_catalog, pg_temp] streamspace_api=X/streamspace_system streamspace_system=X/streamspace_system
streamspace.update_home(p_home text, p_name text DEFAULT NULL::text, p_size_mib bigint DEFAULT NULL::bigint, p_retention_seconds bigint DEFAULT NULL::bigint, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.update_session(p_session text, p_name text DEFAULT NULL::text, p_notes text DEFAULT NULL::text, p_tags text[] DEFAULT NULL::text[], p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.update_user(p_user text, p_role text DEFAULT NULL::text, p_display_name text DEFAULT NULL::text, p_active boolean DEFAULT NULL::boolean, p_org text DEFAULT NULL::text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.verify_audit(p_org text DEFAULT NULL::text, p_expected_head text DEFAULT NULL::text, p_first_seal bigint DEFAULT NULL::bigint, p_last_seal bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea) RETURNS jsonb [plpgsql stable definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
streamspace.wake_session(p_session text, p_if_revision bigint DEFAULT NULL::bigint, p_actor bytea DEFAULT NULL::bytea, p_request_id text DEFAULT NULL::text, p_dry_run boolean DEFAULT false) RETURNS jsonb [plpgsql volatile definer streamspace_definer search_path=pg_catalog, pg_temp; streamspace.org=] streamspace_api=X/streamspace_definer streamspace_dba=X/streamspace_definer streamspace_definer=X/streamspace_definer
-- views
streamspace.v_agents(agent_id text, platform text, region text, approval text, state text, protocol_version integer, key_prefix text, max_sessions integer, active_sessions bigint, reported_sessions integer, status text, heartbeat_at timestamp with time zone, epoch bigint, replica text, instance_id text, address text, connected_at timestamp with time zone, inventory_at timestamp with time zone, network text, stream_replica text, stream_address text, stream_at timestamp with time zone, created_at timestamp with time zone) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_audit(audit_id bigint, at timestamp with time zone, org text, actor text, login_role text, function text, object_id text, request_id text, arguments jsonb, result text) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_commands(command_id text, agent_id text, object_kind text, object_id text, action text, revision bigint, state text, attempts integer, failures integer, epoch bigint, not_before timestamp with time zone, lease_until timestamp with time zone, created_at timestamp with time zone, sent_at timestamp with time zone, acked_at timestamp with time zone, finished_at timestamp with time zone, error text, org text) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_connections(connection_id text, org text, session_id text, owner text, viewer text, credential_id text, mode text, address text, agent_id text, replica text, agent_replica text, opened_at timestamp with time zone, reviewed_at timestamp with time zone, last_input_at timestamp with time zone, received bigint, sent bigint, closed_at timestamp with time zone, reason text, closed_by text) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_health(check_name text, ok boolean, detail text, way_out text) streamspace_report streamspace_dba=r/streamspace_report streamspace_monitor=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_homes(home_id text, org text, owner text, name text, template text, state text, size_mib bigint, session_id text, session_state text, agent_id text, retention_seconds bigint, last_used_at timestamp with time zone, delete_at timestamp with time zone, created_at timestamp with time zone, revision bigint) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_orphans(agent_id text, agent_state text, object_kind text, object_id text, state text, revision bigint, uid text, first_seen_at timestamp with time zone, last_seen_at timestamp with time zone, stop_at timestamp with time zone, command_id text, command_state text) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_queue(position bigint, session_id text, org text, owner text, template text, placement jsonb, millicores integer, memory_mib integer, reason text, message text, created_at timestamp with time zone, waits interval, deadline_at timestamp with time zone) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_quota(org text, scope text, name text, resource text, limit bigint, used bigint, free bigint, revision bigint) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_sessions(session_id text, org text, owner text, template text, template_revision integer, platform text, state text, desired_state text, observed_state text, observed_revision bigint, agent_revision bigint, revision bigint, reason text, message text, name text, notes text, millicores integer, memory_mib integer, home_id text, agent_id text, endpoint text, progress jsonb, cleanup_debt boolean, deadline_at timestamp with time zone, on_deadline text, observed_at timestamp with time zone, created_at timestamp with time zone, updated_at timestamp with time zone) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_stuck(session_id text, org text, state text, desired_state text, observed_state text, agent_id text, why text, reason text, message text, deadline_at timestamp with time zone, on_deadline text, way_out text) streamspace_report streamspace_dba=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
streamspace.v_waiting(agent_id text, epoch bigint, command_number bigint, command_id text, action text, object_kind text, object_id text, revision bigint, deadline timestamp with time zone, payload jsonb) streamspace_report streamspace_api=r/streamspace_report streamspace_report=arwdDxt/streamspace_report
-- tables
CREATE SCHEMA streamspace_data;
ALTER SCHEMA streamspace_data OWNER TO streamspace_owner;
COMMENT ON SCHEMA streamspace_data IS 'Tables; granted to nobody outside';
CREATE TABLE streamspace_data.session (
    org_id integer NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    template_id integer NOT NULL,
    template_revision integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    agent_id text COLLATE pg_catalog."C",
    holds_place boolean DEFAULT false NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    state_event text DEFAULT 'create'::text NOT NULL COLLATE pg_catalog."C",
    desired_state text DEFAULT 'running'::text NOT NULL COLLATE pg_catalog."C",
    observed_state text COLLATE pg_catalog."C",
    observed_revision bigint DEFAULT 0 NOT NULL,
    observed_at timestamp with time zone,
    revision bigint DEFAULT 1 NOT NULL,
    reason text,
    message text,
    progress jsonb,
    endpoint text,
    details jsonb,
    cleanup_debt boolean DEFAULT false NOT NULL,
    deadline_at timestamp with time zone,
    on_deadline text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    state_at timestamp with time zone DEFAULT now() NOT NULL,
    parameters jsonb DEFAULT '{}'::jsonb NOT NULL,
    millicores integer DEFAULT 1000 NOT NULL,
    memory_mib integer DEFAULT 2048 NOT NULL,
    placement jsonb DEFAULT '{}'::jsonb NOT NULL,
    pools integer[] DEFAULT '{}'::integer[] NOT NULL,
    agent_revision bigint DEFAULT 1 NOT NULL,
    started_at timestamp with time zone,
    keep_until timestamp with time zone,
    decided_at timestamp with time zone,
    check_at timestamp with time zone,
    warning jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    retry_at timestamp with time zone,
    home_id text COLLATE pg_catalog."C",
    name text,
    notes text,
    CONSTRAINT session_agent_revision_fits_json CHECK (((agent_revision >= 1) AND (agent_revision <= '9007199254740991'::bigint))),
    CONSTRAINT session_attempts_are_counted CHECK ((attempts >= 0)),
    CONSTRAINT session_deadline_has_an_event CHECK (((deadline_at IS NULL) = (on_deadline IS NULL))),
    CONSTRAINT session_desired_state_is_known CHECK ((desired_state = ANY (ARRAY['running'::text, 'hibernated'::text, 'stopped'::text, 'terminated'::text]))),
    CONSTRAINT session_id_is_an_object_name CHECK ((session_id ~ '^s-[0-9a-z]{26}$'::text)),
    CONSTRAINT session_name_is_short CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT session_notes_are_short CHECK (((length(notes) >= 1) AND (length(notes) <= 4000))),
    CONSTRAINT session_observed_state_is_known CHECK ((observed_state = ANY (ARRAY['starting'::text, 'running'::text, 'hibernated'::text, 'terminated'::text, 'failed'::text]))),
    CONSTRAINT session_parameters_are_an_object CHECK ((jsonb_typeof(parameters) = 'object'::text)),
    CONSTRAINT session_place_is_on_an_agent CHECK (((NOT holds_place) OR ((agent_id IS NOT NULL) AND (state <> ALL (ARRAY['failed'::text, 'terminated'::text]))))),
    CONSTRAINT session_placement_is_an_object CHECK ((jsonb_typeof(placement) = 'object'::text)),
    CONSTRAINT session_platform_is_known CHECK ((platform = ANY (ARRAY['process'::text, 'kubernetes'::text, 'docker'::text, 'vm'::text, 'cloud'::text]))),
    CONSTRAINT session_resources_are_bounded CHECK ((((millicores >= 1) AND (millicores <= 100000000)) AND ((memory_mib >= 1) AND (memory_mib <= 100000000)))),
    CONSTRAINT session_retry_is_of_who_failed CHECK (((retry_at IS NULL) OR (state = 'failed'::text))),
    CONSTRAINT session_revision_fits_json CHECK ((((revision >= 1) AND (revision <= '9007199254740991'::bigint)) AND ((observed_revision >= 0) AND (observed_revision <= '9007199254740991'::bigint)))),
    CONSTRAINT session_runs_on_an_agent CHECK (((agent_id IS NOT NULL) OR (state = ANY (ARRAY['pending'::text, 'failed'::text, 'terminating'::text, 'terminated'::text])))),
    CONSTRAINT session_state_is_known CHECK ((state = ANY (ARRAY['pending'::text, 'starting'::text, 'running'::text, 'hibernating'::text, 'hibernated'::text, 'waking'::text, 'terminating'::text, 'terminated'::text, 'failed'::text]))),
    CONSTRAINT session_waits_have_deadlines CHECK (((state = ANY (ARRAY['running'::text, 'hibernated'::text, 'terminated'::text])) = (deadline_at IS NULL))),
    CONSTRAINT session_warning_is_for_who_runs CHECK (((warning IS NULL) OR (state = 'running'::text))),
    CONSTRAINT session_warning_says_what_comes CHECK (((jsonb_typeof(warning) = 'object'::text) AND (warning ?& ARRAY['at'::text, 'action'::text, 'rule'::text])))
)
WITH (fillfactor='80');
ALTER TABLE streamspace_data.session OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session IS 'A session: desired_state is written by calls and sweeps, observed_state by the reports of agents, state only by streamspace_rules.apply_event()';
COMMENT ON COLUMN streamspace_data.session.holds_place IS 'Counted in the pool of agent_id';
COMMENT ON COLUMN streamspace_data.session.observed_revision IS 'The agent_revision that the last report was about';
COMMENT ON COLUMN streamspace_data.session.revision IS 'Raised with every change that callers see; what they name to change only what they have read';
COMMENT ON COLUMN streamspace_data.session.cleanup_debt IS 'Terminated by force: the agent has still to remove what it runs';
COMMENT ON COLUMN streamspace_data.session.on_deadline IS 'Event that happens when deadline_at is reached in this state';
COMMENT ON COLUMN streamspace_data.session.parameters IS 'Values of the parameters of the template, with its defaults; they reach the desktop as environment';
COMMENT ON COLUMN streamspace_data.session.millicores IS 'Thousandths of a processor that the session may use, and that count against quotas and the capacity of its agent';
COMMENT ON COLUMN streamspace_data.session.memory_mib IS 'Memory in MiB that the session may use, and that counts against quotas and the capacity of its agent';
COMMENT ON COLUMN streamspace_data.session.placement IS 'What the agent has to be: {platforms, region, labels, agent}; an absent key asks for nothing';
COMMENT ON COLUMN streamspace_data.session.pools IS 'Pools (user, groups, organisation, in the order of locking) that the session is counted in, from its creation until it is terminated; they get back what it took, whatever became of its owner''s groups';
COMMENT ON COLUMN streamspace_data.session.agent_revision IS 'Raised with every change of what the agent shall make true; commands carry it, and a report of a lower one changes nothing';
COMMENT ON COLUMN streamspace_data.session.started_at IS 'Since when the present run lasts: the first report that it runs after a start or a wake; a restart of its compute by the agent does not begin a new one. NULL while it does not run';
COMMENT ON COLUMN streamspace_data.session.keep_until IS 'Until then no rule stops this run (extend_session)';
COMMENT ON COLUMN streamspace_data.session.decided_at IS 'When a person or a rule last decided whether it runs; a schedule acts only at moments after it. NULL: when it was created';
COMMENT ON COLUMN streamspace_data.session.check_at IS 'When tick() looks at idle time, maximum duration, schedule and retry of this session; NULL: nothing can come due. It never lies after the next thing that does';
COMMENT ON COLUMN streamspace_data.session.warning IS 'Shown before a rule stops the session: {at, action, rule}; NULL when no stop is near';
COMMENT ON COLUMN streamspace_data.session.attempts IS 'Retries since it last ran for a while, was hibernated or was retried by hand';
COMMENT ON COLUMN streamspace_data.session.retry_at IS 'When tick() starts the failed session again; NULL: not by itself';
COMMENT ON COLUMN streamspace_data.session.home_id IS 'Home that it was made with; NULL: it has none that outlives it';
COMMENT ON COLUMN streamspace_data.session.name IS 'What its owner calls it; NULL: nothing';
COMMENT ON COLUMN streamspace_data.session.notes IS 'Free text of its owner; NULL: none';
CREATE TABLE streamspace_data.audit_log (
    audit_id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    org_id integer,
    actor text NOT NULL,
    login_role text DEFAULT SESSION_USER NOT NULL,
    function text NOT NULL COLLATE pg_catalog."C",
    arguments jsonb NOT NULL,
    request_id text,
    object_id text,
    result text NOT NULL COLLATE pg_catalog."C",
    generation integer DEFAULT 1 NOT NULL
)
PARTITION BY RANGE (at);
ALTER TABLE streamspace_data.audit_log OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.audit_log IS 'Who called what: actor of the call and login of the connection; arguments without secrets; append-only';
COMMENT ON COLUMN streamspace_data.audit_log.xid IS 'Transaction that wrote the row; a row is sealed once no lower transaction is running';
COMMENT ON COLUMN streamspace_data.audit_log.generation IS 'Restore generation in which the row was written; orders xid across restores';
CREATE TABLE streamspace_data.connection (
    org_id integer NOT NULL,
    connection_id text NOT NULL COLLATE pg_catalog."C",
    session_id text NOT NULL COLLATE pg_catalog."C",
    owner_id integer NOT NULL,
    user_org_id integer NOT NULL,
    user_id integer NOT NULL,
    credential_id text NOT NULL COLLATE pg_catalog."C",
    viewer text NOT NULL,
    mode text NOT NULL COLLATE pg_catalog."C",
    agent_id text NOT NULL COLLATE pg_catalog."C",
    run_at timestamp with time zone NOT NULL,
    replica text NOT NULL,
    address text,
    relay_hash bytea,
    relay_replica text,
    relay_until timestamp with time zone,
    opened_at timestamp with time zone NOT NULL,
    reviewed_at timestamp with time zone NOT NULL,
    last_input_at timestamp with time zone,
    received bigint DEFAULT 0 NOT NULL,
    sent bigint DEFAULT 0 NOT NULL,
    closed_at timestamp with time zone,
    reason text,
    closed_by text,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT connection_counts_fit_json CHECK ((((received >= 0) AND (received <= '9007199254740991'::bigint)) AND ((sent >= 0) AND (sent <= '9007199254740991'::bigint)))),
    CONSTRAINT connection_end_has_a_reason CHECK ((((closed_at IS NULL) = (reason IS NULL)) AND ((closed_at IS NOT NULL) OR (closed_by IS NULL)))),
    CONSTRAINT connection_end_has_no_relay CHECK (((closed_at IS NULL) OR (relay_hash IS NULL))),
    CONSTRAINT connection_id_has_its_form CHECK ((connection_id ~ '^c-[0-9a-v]{26}$'::text)),
    CONSTRAINT connection_mode_is_known CHECK ((mode = ANY (ARRAY['view'::text, 'control'::text]))),
    CONSTRAINT connection_relay_ticket_is_a_sha256 CHECK ((octet_length(relay_hash) = 32)),
    CONSTRAINT connection_relay_ticket_is_whole CHECK ((num_nonnulls(relay_hash, relay_replica, relay_until) = ANY (ARRAY[0, 3]))),
    CONSTRAINT connection_revision_fits_json CHECK (((revision >= 1) AND (revision <= '9007199254740991'::bigint))),
    CONSTRAINT connection_texts_are_short CHECK (((length(replica) <= 200) AND (length(address) <= 200) AND (length(relay_replica) <= 200) AND (length(reason) <= 200) AND (length(closed_by) <= 300) AND (length(viewer) <= 300)))
)
WITH (fillfactor='60');
ALTER TABLE streamspace_data.connection OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.connection IS 'Viewers of sessions, a row each; the open ones have no closed_at. The row says what access a viewer came with: whether he still has it is asked again while he looks';
COMMENT ON COLUMN streamspace_data.connection.org_id IS 'Of the session; user_org_id is that of the viewer, another one for a platform administrator';
COMMENT ON COLUMN streamspace_data.connection.owner_id IS 'Owner of the session';
COMMENT ON COLUMN streamspace_data.connection.credential_id IS 'Log-in or API key that asked for the ticket: the viewer ends with it';
COMMENT ON COLUMN streamspace_data.connection.viewer IS 'Who looks, as the audit log writes it';
COMMENT ON COLUMN streamspace_data.connection.run_at IS 'state_at of the session when the viewer was opened: another one is another run';
COMMENT ON COLUMN streamspace_data.connection.replica IS 'Server that the browser reached, and that reports about this viewer';
COMMENT ON COLUMN streamspace_data.connection.relay_hash IS 'SHA-256 of the ticket with which that server reaches the one that holds the agent, until it is used';
COMMENT ON COLUMN streamspace_data.connection.reviewed_at IS 'When its server last said that it has it, some seconds late; one of which nothing is heard for a minute is closed by tick()';
COMMENT ON COLUMN streamspace_data.connection.received IS 'Bytes from the viewer';
COMMENT ON COLUMN streamspace_data.connection.sent IS 'Bytes to the viewer';
CREATE TABLE streamspace_data.policy (
    org_id integer NOT NULL,
    policy_id integer NOT NULL,
    scope text NOT NULL COLLATE pg_catalog."C",
    group_id integer,
    user_id integer,
    template_id integer,
    session_id text COLLATE pg_catalog."C",
    idle_seconds integer,
    max_seconds integer,
    max_action text COLLATE pg_catalog."C",
    warn_seconds integer,
    extend_seconds integer,
    origins jsonb DEFAULT '{}'::jsonb NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT policy_action_is_known CHECK ((max_action = ANY (ARRAY['hibernate'::text, 'terminate'::text]))),
    CONSTRAINT policy_extension_is_bounded CHECK (((extend_seconds >= 0) AND (extend_seconds <= 2592000))),
    CONSTRAINT policy_idle_time_is_bounded CHECK (((idle_seconds = 0) OR ((idle_seconds >= 60) AND (idle_seconds <= 31536000)))),
    CONSTRAINT policy_is_of_its_scope CHECK (((num_nonnulls(group_id, user_id, template_id, session_id) =
CASE scope
    WHEN 'org'::text THEN 0
    ELSE 1
END) AND
CASE scope
    WHEN 'org'::text THEN true
    WHEN 'group'::text THEN (group_id IS NOT NULL)
    WHEN 'user'::text THEN (user_id IS NOT NULL)
    WHEN 'template'::text THEN (template_id IS NOT NULL)
    WHEN 'session'::text THEN (session_id IS NOT NULL)
    ELSE false
END)),
    CONSTRAINT policy_maximum_is_bounded CHECK (((max_seconds = 0) OR ((max_seconds >= 60) AND (max_seconds <= 31536000)))),
    CONSTRAINT policy_warning_is_bounded CHECK (((warn_seconds >= 0) AND (warn_seconds <= 86400)))
);
ALTER TABLE streamspace_data.policy OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.policy IS 'When sessions are stopped by themselves. Each value by itself comes from the most specific scope that has one: session, template, user, group, org; of several groups from the strictest. NULL: not said here';
COMMENT ON COLUMN streamspace_data.policy.idle_seconds IS 'Hibernated after so long without input, 60 to 31536000; 0: never';
COMMENT ON COLUMN streamspace_data.policy.max_seconds IS 'A run lasts no longer, 60 to 31536000; 0: no maximum';
COMMENT ON COLUMN streamspace_data.policy.max_action IS 'What happens at the maximum: hibernate or terminate';
COMMENT ON COLUMN streamspace_data.policy.warn_seconds IS 'How long before a stop the warning is shown, 0 to 86400; 0: none';
COMMENT ON COLUMN streamspace_data.policy.extend_seconds IS 'How far a stop can be put off by extend_session, 0 to 2592000; 0: not at all';
COMMENT ON COLUMN streamspace_data.policy.origins IS 'Who set each value and when: {value: {by, at, bounded}}; bounded: by the owner of the session, counts only where it is stricter than what holds without it';
CREATE TABLE streamspace_data.audit_seal (
    chain integer NOT NULL,
    seal_number bigint NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    generation integer NOT NULL,
    from_xid xid8 NOT NULL,
    to_xid xid8 NOT NULL,
    month date NOT NULL,
    audit_ids bigint[] NOT NULL,
    leaves bytea NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_seal_has_a_leaf_a_row CHECK (((cardinality(audit_ids) >= 1) AND (octet_length(leaves) = (32 * cardinality(audit_ids))))),
    CONSTRAINT audit_seal_hashes_are_sha256 CHECK (((octet_length(previous_hash) = 32) AND (octet_length(hash) = 32))),
    CONSTRAINT audit_seal_number_is_positive CHECK ((seal_number >= 1)),
    CONSTRAINT audit_seal_range_goes_up CHECK ((from_xid <= to_xid))
);
ALTER TABLE ONLY streamspace_data.audit_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;
ALTER TABLE streamspace_data.audit_seal OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.audit_seal IS 'Seals of the audit log: a chain for each organisation, chain 0 for what belongs to none. A seal holds the hash of every row of month whose transaction is in [from_xid, to_xid), and the hash of the seal before it; append-only but for retention';
COMMENT ON COLUMN streamspace_data.audit_seal.leaves IS 'SHA-256 of each row, 32 bytes each, in the order of audit_ids';
CREATE TABLE streamspace_data.agent (
    agent_id text NOT NULL COLLATE pg_catalog."C",
    platform text NOT NULL COLLATE pg_catalog."C",
    region text,
    approval text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    rejection_reason text,
    state text DEFAULT 'offline'::text NOT NULL COLLATE pg_catalog."C",
    protocol_version integer DEFAULT 2 NOT NULL,
    key_hash bytea,
    max_sessions integer DEFAULT 10 NOT NULL,
    capacity jsonb DEFAULT '{}'::jsonb NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    last_epoch bigint DEFAULT 0 NOT NULL,
    connected_at timestamp with time zone,
    approved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    labels jsonb DEFAULT '{}'::jsonb NOT NULL,
    draining boolean DEFAULT false NOT NULL,
    limit_sessions integer,
    limit_millicores integer,
    limit_memory_mib integer,
    spread double precision DEFAULT random() NOT NULL,
    CONSTRAINT agent_approval_is_known CHECK ((approval = ANY (ARRAY['pending'::text, 'approved'::text, 'rejected'::text]))),
    CONSTRAINT agent_epoch_fits_json CHECK (((last_epoch >= 0) AND (last_epoch <= '9007199254740991'::bigint))),
    CONSTRAINT agent_id_is_a_name CHECK ((agent_id ~ '^[A-Za-z0-9._-]{3,100}$'::text)),
    CONSTRAINT agent_key_is_a_sha256 CHECK ((octet_length(key_hash) = 32)),
    CONSTRAINT agent_labels_are_an_object CHECK ((jsonb_typeof(labels) = 'object'::text)),
    CONSTRAINT agent_limits_are_bounded CHECK ((((limit_sessions >= 0) AND (limit_sessions <= 1000000)) AND ((limit_millicores >= 0) AND (limit_millicores <= 1000000000)) AND ((limit_memory_mib >= 0) AND (limit_memory_mib <= 1000000000)))),
    CONSTRAINT agent_max_sessions_is_bounded CHECK (((max_sessions >= 0) AND (max_sessions <= 1000000))),
    CONSTRAINT agent_platform_is_known CHECK ((platform = ANY (ARRAY['process'::text, 'kubernetes'::text, 'docker'::text, 'vm'::text, 'cloud'::text]))),
    CONSTRAINT agent_protocol_is_known CHECK ((protocol_version = ANY (ARRAY[2, 3]))),
    CONSTRAINT agent_region_is_short CHECK ((length(region) <= 100)),
    CONSTRAINT agent_state_is_known CHECK ((state = ANY (ARRAY['online'::text, 'degraded'::text, 'offline'::text])))
);
ALTER TABLE streamspace_data.agent OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent IS 'Agent: a platform object, serves every organisation';
COMMENT ON COLUMN streamspace_data.agent.key_hash IS 'SHA-256 of the key that the agent made itself; NULL for an agent that knows only one key (2.0)';
COMMENT ON COLUMN streamspace_data.agent.max_sessions IS 'Sessions that the agent says it can hold';
COMMENT ON COLUMN streamspace_data.agent.last_epoch IS 'Highest epoch ever given to a connection of this agent: generation * 2^32 + counter';
COMMENT ON COLUMN streamspace_data.agent.revision IS 'Raised by every change of what administrators set';
COMMENT ON COLUMN streamspace_data.agent.labels IS 'What placement can ask for: an object of strings';
COMMENT ON COLUMN streamspace_data.agent.draining IS 'Gets no new sessions; those that it has go on';
COMMENT ON COLUMN streamspace_data.agent.limit_sessions IS 'Most sessions that it may hold, below what it says itself; NULL for no other limit';
COMMENT ON COLUMN streamspace_data.agent.limit_millicores IS 'Most millicores that its sessions may have in sum; NULL for no limit';
COMMENT ON COLUMN streamspace_data.agent.limit_memory_mib IS 'Most memory in MiB that its sessions may have in sum; NULL for no limit';
COMMENT ON COLUMN streamspace_data.agent.spread IS 'Random point in 0 to 1: placement chooses by it without looking at every agent';
CREATE TABLE streamspace_data.agent_connection (
    agent_id text NOT NULL COLLATE pg_catalog."C",
    epoch bigint NOT NULL,
    instance_id text,
    replica text NOT NULL,
    address text,
    connected_at timestamp with time zone NOT NULL,
    disconnected_at timestamp with time zone,
    disconnect_reason text,
    inventory_at timestamp with time zone,
    CONSTRAINT agent_connection_texts_are_short CHECK (((length(instance_id) <= 200) AND (length(replica) <= 200) AND (length(address) <= 200) AND (length(disconnect_reason) <= 500)))
);
ALTER TABLE streamspace_data.agent_connection OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent_connection IS 'Every connection of an agent, fenced by its epoch; the open one has no disconnected_at';
CREATE TABLE streamspace_data.agent_heartbeat (
    agent_id text NOT NULL COLLATE pg_catalog."C",
    epoch bigint NOT NULL,
    heartbeat_at timestamp with time zone NOT NULL,
    status text,
    active_sessions integer,
    network text COLLATE pg_catalog."C",
    CONSTRAINT agent_heartbeat_network_is_known CHECK ((network = ANY (ARRAY['open'::text, 'closed'::text])))
)
WITH (fillfactor='50');
ALTER TABLE streamspace_data.agent_heartbeat OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent_heartbeat IS 'Last heartbeat; narrow and without an index on the time, so that every update is HOT';
COMMENT ON COLUMN streamspace_data.agent_heartbeat.network IS 'Whether strangers reach the desktops of this agent over the network; NULL when it does not know';
CREATE TABLE streamspace_data.agent_stream (
    agent_id text NOT NULL COLLATE pg_catalog."C",
    stream_id bigint NOT NULL,
    epoch bigint NOT NULL,
    replica text NOT NULL,
    address text,
    connected_at timestamp with time zone NOT NULL,
    CONSTRAINT agent_stream_texts_are_short CHECK (((length(replica) <= 200) AND (length(address) <= 200)))
);
ALTER TABLE streamspace_data.agent_stream OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent_stream IS 'Where the viewers of an agent go: the server that holds its stream socket. It counts while its epoch is the last one of the agent';
COMMENT ON COLUMN streamspace_data.agent_stream.stream_id IS 'Number of the socket: the end of an older one takes nothing away from a newer';
COMMENT ON COLUMN streamspace_data.agent_stream.address IS 'Where other servers reach that server; NULL: not at all';
CREATE TABLE streamspace_data.pool (
    pool_id integer NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    step smallint GENERATED ALWAYS AS (
CASE kind
    WHEN 'user'::text THEN 1
    WHEN 'group'::text THEN 2
    WHEN 'org'::text THEN 3
    WHEN 'agent'::text THEN 4
    ELSE 0
END) STORED NOT NULL,
    org_id integer,
    user_id integer,
    group_id integer,
    agent_id text COLLATE pg_catalog."C",
    slots integer DEFAULT 1 NOT NULL,
    sessions bigint,
    millicores bigint,
    memory_mib bigint,
    storage_mib bigint,
    session_millicores bigint,
    session_memory_mib bigint,
    session_storage_mib bigint,
    own jsonb DEFAULT '{}'::jsonb NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pool_belongs_to_one_holder CHECK (
CASE kind
    WHEN 'user'::text THEN ((org_id IS NOT NULL) AND (user_id IS NOT NULL) AND (group_id IS NULL) AND (agent_id IS NULL))
    WHEN 'group'::text THEN ((org_id IS NOT NULL) AND (user_id IS NULL) AND (group_id IS NOT NULL) AND (agent_id IS NULL))
    WHEN 'org'::text THEN ((org_id IS NOT NULL) AND (user_id IS NULL) AND (group_id IS NULL) AND (agent_id IS NULL))
    WHEN 'user_default'::text THEN ((org_id IS NOT NULL) AND (user_id IS NULL) AND (group_id IS NULL) AND (agent_id IS NULL))
    WHEN 'agent'::text THEN ((org_id IS NULL) AND (user_id IS NULL) AND (group_id IS NULL) AND (agent_id IS NOT NULL))
    ELSE false
END),
    CONSTRAINT pool_limits_are_bounded CHECK ((((sessions >= 0) AND (sessions <= 1000000)) AND ((millicores >= 0) AND (millicores <= 1000000000)) AND ((memory_mib >= 0) AND (memory_mib <= 1000000000)) AND ((storage_mib >= 0) AND (storage_mib <= 1000000000)))),
    CONSTRAINT pool_maxima_are_bounded CHECK ((((session_millicores >= 0) AND (session_millicores <= 1000000000)) AND ((session_memory_mib >= 0) AND (session_memory_mib <= 1000000000)) AND ((session_storage_mib >= 0) AND (session_storage_mib <= 1000000000)))),
    CONSTRAINT pool_own_limits_are_an_object CHECK ((jsonb_typeof(own) = 'object'::text)),
    CONSTRAINT pool_slots_are_bounded CHECK (((slots >= 1) AND (slots <= 64)))
);
ALTER TABLE streamspace_data.pool OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.pool IS 'Limits: the quota of an organisation, a group or a user, what users have that have no quota of their own (user_default), and the capacity of an agent. NULL means no limit. What of it is free stands in pool_slot; used is the limit less what is free';
COMMENT ON COLUMN streamspace_data.pool.step IS 'Order of locking: users, groups, organisations, agents; within a step agent_id, then pool_id';
COMMENT ON COLUMN streamspace_data.pool.slots IS 'Number of rows of pool_slot: more for larger limits, so that more transactions can take from it at once';
COMMENT ON COLUMN streamspace_data.pool.sessions IS 'Limit of sessions that are not terminated (agent: that hold a place on it)';
COMMENT ON COLUMN streamspace_data.pool.millicores IS 'Limit of the sum of their millicores';
COMMENT ON COLUMN streamspace_data.pool.memory_mib IS 'Limit of the sum of their memory, in MiB';
COMMENT ON COLUMN streamspace_data.pool.storage_mib IS 'Limit of the sum of the sizes of homes, in MiB';
COMMENT ON COLUMN streamspace_data.pool.session_millicores IS 'Most that one session may have';
COMMENT ON COLUMN streamspace_data.pool.session_memory_mib IS 'Most that one session may have, in MiB';
COMMENT ON COLUMN streamspace_data.pool.session_storage_mib IS 'Most that one home may have, in MiB';
COMMENT ON COLUMN streamspace_data.pool.own IS 'Of a user: the limits that are his own; the others follow user_default. {} of all other pools';
CREATE TABLE streamspace_data.pool_slot (
    pool_id integer NOT NULL,
    slot integer NOT NULL,
    tight boolean DEFAULT false NOT NULL,
    sessions bigint NOT NULL,
    millicores bigint NOT NULL,
    memory_mib bigint NOT NULL,
    storage_mib bigint NOT NULL,
    CONSTRAINT pool_slot_holds_what_is_free CHECK ((tight OR ((sessions >= 0) AND (millicores >= 0) AND (memory_mib >= 0) AND (storage_mib >= 0))))
)
WITH (fillfactor='25');
ALTER TABLE streamspace_data.pool_slot OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.pool_slot IS 'What of a pool is free, in parts that different transactions can take from at once. A pool without a limit counts down from 10^15';
COMMENT ON COLUMN streamspace_data.pool_slot.tight IS 'More is used than the limit allows, since it was lowered: the sum of all slots is below zero, and nobody takes from a single one until all of them were looked at under lock';
CREATE TABLE streamspace_data.org (
    org_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    display_name text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT org_display_name_is_short CHECK ((length(display_name) <= 200)),
    CONSTRAINT org_name_is_a_label CHECK ((name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text))
);
ALTER TABLE streamspace_data.org OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.org IS 'Organisation: the tenant';
COMMENT ON COLUMN streamspace_data.org.revision IS 'Raised by every change that callers see';
CREATE TABLE streamspace_data.agent_command (
    command_id text NOT NULL COLLATE pg_catalog."C",
    command_number bigint NOT NULL,
    org_id integer,
    agent_id text NOT NULL COLLATE pg_catalog."C",
    object_kind text NOT NULL COLLATE pg_catalog."C",
    object_id text NOT NULL COLLATE pg_catalog."C",
    session_id text COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    payload jsonb NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    epoch bigint,
    not_before timestamp with time zone,
    lease_until timestamp with time zone,
    deadline_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone,
    acked_at timestamp with time zone,
    finished_at timestamp with time zone,
    result jsonb,
    error text,
    CONSTRAINT agent_command_action_is_known CHECK ((action = ANY (ARRAY['start_session'::text, 'stop_session'::text, 'hibernate_session'::text, 'wake_session'::text, 'apply'::text, 'remove'::text]))),
    CONSTRAINT agent_command_end_has_a_time CHECK (((state = ANY (ARRAY['completed'::text, 'failed'::text, 'superseded'::text, 'expired'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT agent_command_id_is_ours CHECK ((command_id ~ '^c-[0-9a-z]{26}$'::text)),
    CONSTRAINT agent_command_object_is_known CHECK ((object_kind = ANY (ARRAY['session'::text, 'template'::text, 'home'::text]))),
    CONSTRAINT agent_command_payload_is_an_object CHECK ((jsonb_typeof(payload) = 'object'::text)),
    CONSTRAINT agent_command_revision_fits_json CHECK (((revision >= 0) AND (revision <= '9007199254740991'::bigint))),
    CONSTRAINT agent_command_sent_under_an_epoch CHECK (((state <> ALL (ARRAY['sent'::text, 'acked'::text])) OR ((epoch IS NOT NULL) AND (sent_at IS NOT NULL) AND (lease_until IS NOT NULL)))),
    CONSTRAINT agent_command_session_is_its_object CHECK (((session_id IS NULL) OR ((object_kind = 'session'::text) AND (object_id = session_id) AND (org_id IS NOT NULL)))),
    CONSTRAINT agent_command_state_is_known CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'acked'::text, 'completed'::text, 'failed'::text, 'superseded'::text, 'expired'::text])))
)
WITH (fillfactor='70');
ALTER TABLE streamspace_data.agent_command OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent_command IS 'Outbox: what an agent has to make true. payload is the whole desired state of the object at revision, never a difference';
COMMENT ON COLUMN streamspace_data.agent_command.command_number IS 'Order of sending; without an index of its own, which would tempt the planner to walk all finished commands';
COMMENT ON COLUMN streamspace_data.agent_command.epoch IS 'Connection on which it was last sent';
COMMENT ON COLUMN streamspace_data.agent_command.lease_until IS 'Without an answer until then it is sent again';
CREATE TABLE streamspace_data.app_user (
    org_id integer NOT NULL,
    user_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    display_name text DEFAULT ''::text NOT NULL,
    password_hash text,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT app_user_display_name_is_short CHECK ((length(display_name) <= 200)),
    CONSTRAINT app_user_name_is_a_label CHECK ((name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text)),
    CONSTRAINT app_user_password_is_argon2id CHECK (((password_hash IS NULL) OR ((password_hash ~~ '$argon2id$%'::text) AND (length(password_hash) <= 512)))),
    CONSTRAINT app_user_role_is_known CHECK ((role = ANY (ARRAY['platform_admin'::text, 'org_admin'::text, 'operator'::text, 'user'::text, 'auditor'::text])))
);
ALTER TABLE streamspace_data.app_user OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.app_user IS 'Person or program that owns sessions; password_hash is made outside, argon2id';
COMMENT ON COLUMN streamspace_data.app_user.active IS 'An inactive user opens nothing: neither log-in nor API key nor one-time token counts, from the next call on';
COMMENT ON COLUMN streamspace_data.app_user.revision IS 'Raised by every change that callers see';
CREATE TABLE streamspace_data.audit_horizon (
    generation integer NOT NULL,
    since xid8 NOT NULL,
    sealed_to xid8 DEFAULT '0'::xid8 NOT NULL,
    closed boolean DEFAULT false NOT NULL
);
ALTER TABLE streamspace_data.audit_horizon OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.audit_horizon IS 'How far the audit log is sealed: in this generation every row of a transaction below sealed_to. since: the transactions of earlier generations that run in this server are below it';
CREATE TABLE streamspace_data.installation (
    singleton boolean DEFAULT true NOT NULL,
    installation_id uuid DEFAULT gen_random_uuid() NOT NULL,
    generation integer DEFAULT 1 NOT NULL,
    system_identifier bigint,
    timeline integer,
    event_retention interval DEFAULT '400 days'::interval NOT NULL,
    audit_retention interval DEFAULT '400 days'::interval NOT NULL,
    command_retention interval DEFAULT '7 days'::interval NOT NULL,
    request_retention interval DEFAULT '2 days'::interval NOT NULL,
    orphan_grace interval DEFAULT '00:10:00'::interval NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    login_idle interval DEFAULT '08:00:00'::interval NOT NULL,
    login_lifetime interval DEFAULT '12:00:00'::interval NOT NULL,
    api_key_lifetime interval DEFAULT '365 days'::interval NOT NULL,
    login_window interval DEFAULT '00:15:00'::interval NOT NULL,
    login_attempts_per_account integer DEFAULT 10 NOT NULL,
    login_attempts_per_address integer DEFAULT 100 NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    home_size_mib bigint DEFAULT 10240 NOT NULL,
    home_retention_seconds bigint,
    server_started_at timestamp with time zone,
    history_begins_at timestamp with time zone DEFAULT now() NOT NULL,
    viewers_per_session integer DEFAULT 200 NOT NULL,
    viewer_tickets_per_user integer DEFAULT 200 NOT NULL,
    connection_retention interval DEFAULT '30 days'::interval NOT NULL,
    CONSTRAINT installation_api_key_lifetime_is_bounded CHECK (((api_key_lifetime >= '01:00:00'::interval) AND (api_key_lifetime <= '3650 days'::interval))),
    CONSTRAINT installation_connection_retention_keeps_a_day CHECK (((connection_retention >= '1 day'::interval) AND (connection_retention <= '3650 days'::interval))),
    CONSTRAINT installation_generation_fits_an_epoch CHECK (((generation >= 1) AND (generation <= 2097150))),
    CONSTRAINT installation_grace_is_not_negative CHECK ((orphan_grace >= '00:00:00'::interval)),
    CONSTRAINT installation_home_retention_is_bounded CHECK (((home_retention_seconds >= 0) AND (home_retention_seconds <= 2147483647))),
    CONSTRAINT installation_home_size_is_bounded CHECK (((home_size_mib >= 1) AND (home_size_mib <= 1073741824))),
    CONSTRAINT installation_is_one CHECK (singleton),
    CONSTRAINT installation_login_attempts_are_bounded CHECK ((((login_attempts_per_account >= 1) AND (login_attempts_per_account <= 1000)) AND ((login_attempts_per_address >= 1) AND (login_attempts_per_address <= 100000)))),
    CONSTRAINT installation_login_times_are_bounded CHECK ((((login_idle >= '00:01:00'::interval) AND (login_idle <= '365 days'::interval)) AND ((login_lifetime >= '00:01:00'::interval) AND (login_lifetime <= '365 days'::interval)))),
    CONSTRAINT installation_login_window_is_bounded CHECK (((login_window >= '00:01:00'::interval) AND (login_window <= '1 day'::interval))),
    CONSTRAINT installation_retention_keeps_a_day CHECK (((command_retention >= '1 day'::interval) AND (request_retention >= '1 day'::interval))),
    CONSTRAINT installation_retention_keeps_a_month CHECK (((event_retention >= '31 days'::interval) AND (audit_retention >= '31 days'::interval))),
    CONSTRAINT installation_viewers_are_bounded CHECK ((((viewers_per_session >= 1) AND (viewers_per_session <= 10000)) AND ((viewer_tickets_per_user >= 1) AND (viewer_tickets_per_user <= 10000))))
);
ALTER TABLE streamspace_data.installation OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.installation IS 'One row: identity of the installation, restore generation, retention';
COMMENT ON COLUMN streamspace_data.installation.generation IS 'High part of every epoch; raised when system_identifier or timeline of the server differ from the stored ones';
COMMENT ON COLUMN streamspace_data.installation.login_idle IS 'A log-in that was not used for this long is worth nothing; counts for existing ones at once';
COMMENT ON COLUMN streamspace_data.installation.login_lifetime IS 'A log-in ends this long after it began, used or not; counts for new ones';
COMMENT ON COLUMN streamspace_data.installation.api_key_lifetime IS 'Longest life of an API key; counts for new ones';
COMMENT ON COLUMN streamspace_data.installation.login_window IS 'Time over which failed log-ins are counted';
COMMENT ON COLUMN streamspace_data.installation.login_attempts_per_account IS 'Failed log-ins in a window: for one account from all addresses that it does not know, and from each that it knows';
COMMENT ON COLUMN streamspace_data.installation.login_attempts_per_address IS 'Failed log-ins in a window from one address (IPv6: from its /64) to accounts that do not know it';
COMMENT ON COLUMN streamspace_data.installation.revision IS 'Raised by every change of the settings';
COMMENT ON COLUMN streamspace_data.installation.home_size_mib IS 'Size of a home for which nobody names one';
COMMENT ON COLUMN streamspace_data.installation.home_retention_seconds IS 'Retention of a home for which nobody names one; NULL: kept until deleted by hand';
COMMENT ON COLUMN streamspace_data.installation.server_started_at IS 'Start of the PostgreSQL for which generation is known to be right; another start is looked at before it is believed';
COMMENT ON COLUMN streamspace_data.installation.history_begins_at IS 'Since when every change of a session is kept in session_change';
COMMENT ON COLUMN streamspace_data.installation.viewers_per_session IS 'Viewers that one session may have at a time; counts for new ones';
COMMENT ON COLUMN streamspace_data.installation.viewer_tickets_per_user IS 'Tickets for viewers that one user may hold unused at a time';
COMMENT ON COLUMN streamspace_data.installation.connection_retention IS 'How long the row of a viewer is kept after it was closed';
CREATE TABLE streamspace_data.home (
    org_id integer NOT NULL,
    home_id text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    template_id integer,
    name text NOT NULL COLLATE pg_catalog."C",
    size_mib bigint NOT NULL,
    retention_seconds bigint,
    state text DEFAULT 'kept'::text NOT NULL COLLATE pg_catalog."C",
    session_id text COLLATE pg_catalog."C",
    pools integer[] DEFAULT '{}'::integer[] NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    delete_at timestamp with time zone,
    CONSTRAINT home_id_is_an_object_name CHECK ((home_id ~ '^h-[0-9a-z]{26}$'::text)),
    CONSTRAINT home_in_use_is_kept CHECK (((session_id IS NULL) OR ((state = 'kept'::text) AND (delete_at IS NULL)))),
    CONSTRAINT home_name_is_a_label CHECK ((name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text)),
    CONSTRAINT home_retention_is_bounded CHECK (((retention_seconds >= 0) AND (retention_seconds <= 2147483647))),
    CONSTRAINT home_revision_fits_json CHECK (((revision >= 1) AND (revision <= '9007199254740991'::bigint))),
    CONSTRAINT home_size_is_bounded CHECK (((size_mib >= 0) AND (size_mib <= 1073741824))),
    CONSTRAINT home_state_is_known CHECK ((state = ANY (ARRAY['kept'::text, 'deleting'::text, 'deleted'::text])))
)
WITH (fillfactor='70');
ALTER TABLE streamspace_data.home OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.home IS 'Files of a user that outlive his sessions. Attached to one session at a time; locked after a session and before usage. Deleted by delete_home() or when its retention is over, never by a cleanup; the row of a deleted one is kept';
COMMENT ON COLUMN streamspace_data.home.template_id IS 'Template for whose sessions it was made; a session of it that names no home takes it when it is free. NULL: only by name';
COMMENT ON COLUMN streamspace_data.home.size_mib IS 'Counts against the storage quota while the state is kept; 0: made before sizes were recorded, counts nothing';
COMMENT ON COLUMN streamspace_data.home.retention_seconds IS 'How long it is kept after its last session; NULL: until it is deleted by hand';
COMMENT ON COLUMN streamspace_data.home.state IS 'kept; deleting: its agent has still to remove it; deleted';
COMMENT ON COLUMN streamspace_data.home.session_id IS 'Session that it is attached to, from its creation until it is terminated and its agent has stopped it';
COMMENT ON COLUMN streamspace_data.home.pools IS 'Pools of storage that size_mib was taken from, and is given back to';
COMMENT ON COLUMN streamspace_data.home.delete_at IS 'When its retention is over; set while it is attached to no session';
CREATE TABLE streamspace_data.home_location (
    org_id integer NOT NULL,
    home_id text NOT NULL COLLATE pg_catalog."C",
    agent_id text NOT NULL COLLATE pg_catalog."C",
    since timestamp with time zone NOT NULL
);
ALTER TABLE streamspace_data.home_location OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.home_location IS 'Agent on which a home lies, once a session of it was placed there: its later sessions run on that agent';
CREATE TABLE streamspace_data.template (
    org_id integer NOT NULL,
    template_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    restricted boolean DEFAULT false NOT NULL,
    access_revision bigint DEFAULT 1 NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT template_access_revision_is_positive CHECK ((access_revision >= 1)),
    CONSTRAINT template_name_is_a_label CHECK ((name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text)),
    CONSTRAINT template_revision_is_positive CHECK ((revision >= 1))
);
ALTER TABLE streamspace_data.template OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.template IS 'Template by name; revision is the current one of template_revision';
COMMENT ON COLUMN streamspace_data.template.restricted IS 'Kept for the groups of template_group; else every user of the organisation sees it';
COMMENT ON COLUMN streamspace_data.template.access_revision IS 'Raised by every change of who sees it: its groups, and the organisations that hold a copy';
COMMENT ON COLUMN streamspace_data.template.deleted_at IS 'Hidden since; its revisions stay for the sessions that were made from them';
CREATE TABLE streamspace_data.agent_orphan (
    agent_id text NOT NULL COLLATE pg_catalog."C",
    object_kind text NOT NULL COLLATE pg_catalog."C",
    object_id text NOT NULL COLLATE pg_catalog."C",
    uid text,
    revision bigint,
    state text,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    command_id text COLLATE pg_catalog."C",
    CONSTRAINT agent_orphan_texts_are_short CHECK (((length(object_kind) <= 63) AND (length(object_id) <= 253) AND (length(uid) <= 100) AND (length(state) <= 63)))
);
ALTER TABLE streamspace_data.agent_orphan OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent_orphan IS 'Objects that an agent holds and the database does not know; stopped after a grace period';
CREATE TABLE streamspace_data.user_group (
    org_id integer NOT NULL,
    group_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    display_name text DEFAULT ''::text NOT NULL,
    members integer DEFAULT 0 NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_group_display_name_is_short CHECK ((length(display_name) <= 200)),
    CONSTRAINT user_group_members_are_not_negative CHECK ((members >= 0)),
    CONSTRAINT user_group_name_is_a_label CHECK ((name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text))
);
ALTER TABLE streamspace_data.user_group OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.user_group IS 'Group of users of one organisation; quotas, templates, policies and shares may name it';
COMMENT ON COLUMN streamspace_data.user_group.members IS 'Rows of group_member, counted under the lock of this row';
COMMENT ON COLUMN streamspace_data.user_group.revision IS 'Raised by every change that callers see, members included';
ALTER TABLE streamspace_data.agent_command ALTER COLUMN command_number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.agent_command_command_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.agent_org (
    agent_id text NOT NULL COLLATE pg_catalog."C",
    org_id integer NOT NULL
);
ALTER TABLE streamspace_data.agent_org OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent_org IS 'Organisations that an agent serves; one without a row serves all';
ALTER TABLE streamspace_data.agent_stream ALTER COLUMN stream_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.agent_stream_stream_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.agent_token (
    token_id text NOT NULL COLLATE pg_catalog."C",
    token_hash bytea NOT NULL,
    agent_id text NOT NULL COLLATE pg_catalog."C",
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT agent_token_ends_once CHECK (((used_at IS NULL) OR (revoked_at IS NULL))),
    CONSTRAINT agent_token_expires CHECK ((expires_at > created_at)),
    CONSTRAINT agent_token_id_has_its_form CHECK ((token_id ~ '^t-[0-9a-v]{26}$'::text)),
    CONSTRAINT agent_token_is_a_sha256 CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT agent_token_maker_is_short CHECK ((length(created_by) <= 300)),
    CONSTRAINT agent_token_names_an_agent CHECK ((agent_id ~ '^[A-Za-z0-9._-]{3,100}$'::text)),
    CONSTRAINT agent_token_revision_fits_json CHECK (((revision >= 1) AND (revision <= '9007199254740991'::bigint)))
);
ALTER TABLE streamspace_data.agent_token OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.agent_token IS 'One-time tokens that enrol one agent each, approved beforehand; the SHA-256 only. A token registers the agent that it names, once, and opens nothing else';
COMMENT ON COLUMN streamspace_data.agent_token.agent_id IS 'The agent that it enrols, which need not exist yet';
COMMENT ON COLUMN streamspace_data.agent_token.created_by IS 'Who made it, as the audit log writes it';
ALTER TABLE streamspace_data.app_user ALTER COLUMN user_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.app_user_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE streamspace_data.audit_log ALTER COLUMN audit_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME streamspace_data.audit_log_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.audit_mark (
    chain integer NOT NULL,
    month date NOT NULL,
    seal_number bigint NOT NULL,
    hash bytea NOT NULL,
    generation integer NOT NULL,
    to_xid xid8 NOT NULL,
    marked_at timestamp with time zone NOT NULL,
    CONSTRAINT audit_mark_hash_is_sha256 CHECK ((octet_length(hash) = 32))
);
ALTER TABLE streamspace_data.audit_mark OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.audit_mark IS 'What retention took: rows of month and earlier are gone by rule, and the seals up to seal_number, whose last hash was hash. The audit row of the drop holds the digest of all marks of the month';
CREATE TABLE streamspace_data.cleanup_key (
    agent_id text NOT NULL COLLATE pg_catalog."C",
    key_hash bytea NOT NULL,
    set_at timestamp with time zone NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT cleanup_key_agent_is_a_name CHECK ((agent_id ~ '^[A-Za-z0-9._-]{3,100}$'::text)),
    CONSTRAINT cleanup_key_is_a_sha256 CHECK ((octet_length(key_hash) = 32))
);
ALTER TABLE streamspace_data.cleanup_key OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.cleanup_key IS 'The key of the cleanup of one agent''s cluster: it opens collect_agent_objects of that agent, and nothing else, because nothing else looks here. An agent may get it before it has registered';
CREATE TABLE streamspace_data.credential (
    token_hash bytea NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    org_id integer,
    user_id integer,
    agent_id text COLLATE pg_catalog."C",
    address text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    credential_id text COLLATE pg_catalog."C",
    name text,
    scopes text[] COLLATE pg_catalog."C",
    prefix text COLLATE pg_catalog."C",
    user_agent text,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT credential_api_key_is_described CHECK (
CASE
    WHEN (kind = 'api_key'::text) THEN ((name IS NOT NULL) AND ((length(name) >= 1) AND (length(name) <= 100)) AND (prefix ~ '^[0-9a-f]{8}$'::text) AND (cardinality(scopes) > 0) AND (scopes <@ ARRAY['read'::text, 'sessions'::text, 'admin'::text]))
    ELSE ((name IS NULL) AND (prefix IS NULL) AND (scopes IS NULL))
END),
    CONSTRAINT credential_belongs_to_one_holder CHECK (
CASE kind
    WHEN 'agent'::text THEN ((agent_id IS NOT NULL) AND (user_id IS NULL) AND (org_id IS NULL))
    WHEN 'bootstrap'::text THEN ((agent_id IS NULL) AND (user_id IS NULL) AND (org_id IS NULL))
    ELSE ((agent_id IS NULL) AND (user_id IS NOT NULL) AND (org_id IS NOT NULL) AND (expires_at IS NOT NULL))
END),
    CONSTRAINT credential_id_has_its_form CHECK (
CASE kind
    WHEN 'login'::text THEN (credential_id ~ '^l-[0-9a-v]{26}$'::text)
    WHEN 'api_key'::text THEN (credential_id ~ '^k-[0-9a-v]{26}$'::text)
    ELSE (credential_id IS NULL)
END),
    CONSTRAINT credential_is_a_sha256 CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT credential_kind_is_known CHECK ((kind = ANY (ARRAY['login'::text, 'api_key'::text, 'set_password'::text, 'agent'::text, 'bootstrap'::text])))
);
ALTER TABLE streamspace_data.credential OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.credential IS 'SHA-256 of every token and key that opens anything; the token itself is never stored';
COMMENT ON COLUMN streamspace_data.credential.credential_id IS 'Public name of a log-in (l-) or API key (k-); it opens nothing';
COMMENT ON COLUMN streamspace_data.credential.scopes IS 'What an API key may call: permission.scope must be among them';
COMMENT ON COLUMN streamspace_data.credential.prefix IS 'First 8 hexadecimal digits of an API key, by which people tell keys apart';
COMMENT ON COLUMN streamspace_data.credential.user_agent IS 'What the program that logged in called itself';
CREATE TABLE streamspace_data.credential_use (
    org_id integer NOT NULL,
    token_hash bytea NOT NULL,
    last_used_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE streamspace_data.credential_use OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.credential_use IS 'When a log-in or API key was last used, some seconds late; written in batches. No row: not used since it was made';
CREATE UNLOGGED TABLE streamspace_data.doorbell (
    replica text NOT NULL COLLATE pg_catalog."C",
    awake_until timestamp with time zone NOT NULL,
    CONSTRAINT doorbell_replica_is_short CHECK ((length(replica) <= 200))
)
WITH (fillfactor='20');
ALTER TABLE streamspace_data.doorbell OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.doorbell IS 'Servers that look for commands by themselves and need no notification; a server without a row, or past its time, is asleep. Empty after a crash of the database, when everybody is rung';
COMMENT ON COLUMN streamspace_data.doorbell.awake_until IS 'End of the lease: a server that was killed is rung from then on (and nobody hears it)';
CREATE TABLE streamspace_data.error_code (
    sqlstate text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    http_status integer NOT NULL,
    title text NOT NULL,
    hint text NOT NULL,
    CONSTRAINT error_code_is_a_word CHECK ((code ~ '^[a-z][a-z0-9_]{0,46}$'::text)),
    CONSTRAINT error_code_sqlstate_is_ours CHECK ((sqlstate ~ '^SS[0-9]{3}$'::text)),
    CONSTRAINT error_code_status_is_an_error CHECK (((http_status >= 400) AND (http_status <= 599)))
);
ALTER TABLE streamspace_data.error_code OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.error_code IS 'Every refusal of the product: one fact, one SQLSTATE. MESSAGE of an error is the title; the server maps SQLSTATE to HTTP by this table';
CREATE TABLE streamspace_data.group_member (
    org_id integer NOT NULL,
    group_id integer NOT NULL,
    user_id integer NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE streamspace_data.group_member OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.group_member IS 'Who is in which group; both are of one organisation';
CREATE TABLE streamspace_data.login_address (
    org_id integer NOT NULL,
    user_id integer NOT NULL,
    address inet NOT NULL,
    last_login_at timestamp with time zone NOT NULL
);
ALTER TABLE streamspace_data.login_address OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.login_address IS 'Addresses (IPv6: /64) from which a user logged in during the last 90 days, the latest 20: they keep a count of failed log-ins of their own, so that nobody elsewhere can lock the user out';
CREATE TABLE streamspace_data.login_attempt (
    key bytea NOT NULL,
    attempts integer NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT login_attempt_counts CHECK ((attempts >= 0)),
    CONSTRAINT login_attempt_key_is_a_sha256 CHECK ((octet_length(key) = 32))
)
WITH (fillfactor='50');
ALTER TABLE streamspace_data.login_attempt OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.login_attempt IS 'Failed and running log-ins of a window, by address, by account and by both; key: SHA-256 of what is counted, so that unknown names and long ones cost the same';
ALTER TABLE streamspace_data.org ALTER COLUMN org_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.org_org_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.permission (
    function text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    platform_admin text NOT NULL COLLATE pg_catalog."C",
    org_admin text NOT NULL COLLATE pg_catalog."C",
    operator text NOT NULL COLLATE pg_catalog."C",
    "user" text NOT NULL COLLATE pg_catalog."C",
    auditor text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT permission_reaches_are_known CHECK (((platform_admin = ANY (ARRAY['no'::text, 'own'::text, 'org'::text, 'all'::text])) AND (org_admin = ANY (ARRAY['no'::text, 'own'::text, 'org'::text])) AND (operator = ANY (ARRAY['no'::text, 'own'::text, 'org'::text])) AND ("user" = ANY (ARRAY['no'::text, 'own'::text, 'org'::text])) AND (auditor = ANY (ARRAY['no'::text, 'own'::text, 'org'::text])))),
    CONSTRAINT permission_scope_is_known CHECK ((scope = ANY (ARRAY['read'::text, 'sessions'::text, 'admin'::text, 'account'::text])))
);
ALTER TABLE streamspace_data.permission OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.permission IS 'Who may call what, and how far it reaches: no, own (what belongs to the actor), org (all of his organisation), all (any organisation). A function without a row is refused to everybody. The content is installed with the code (sql/permissions.sql)';
COMMENT ON COLUMN streamspace_data.permission.scope IS 'What an API key must carry to call it; account: only a log-in may';
ALTER TABLE streamspace_data.policy ALTER COLUMN policy_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.policy_policy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.policy_review (
    review_id bigint NOT NULL,
    org_id integer NOT NULL,
    user_id integer,
    template_id integer,
    after_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    after_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    scanned boolean DEFAULT false NOT NULL,
    missed text[] DEFAULT '{}'::text[] NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE streamspace_data.policy_review OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.policy_review IS 'A policy has changed: tick() looks again at the running sessions that it concerns, some at a time, from the newest on';
COMMENT ON COLUMN streamspace_data.policy_review.scanned IS 'Only the missed ones are left';
COMMENT ON COLUMN streamspace_data.policy_review.missed IS 'Sessions that somebody else held; they are tried again';
ALTER TABLE streamspace_data.policy_review ALTER COLUMN review_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.policy_review_review_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE streamspace_data.pool ALTER COLUMN pool_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.pool_pool_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.request (
    actor text NOT NULL,
    function text NOT NULL COLLATE pg_catalog."C",
    request_id text NOT NULL,
    request_hash bytea NOT NULL,
    answer jsonb NOT NULL,
    secret_of text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT request_hash_is_a_sha256 CHECK ((octet_length(request_hash) = 32)),
    CONSTRAINT request_id_is_bounded CHECK (((length(request_id) >= 1) AND (length(request_id) <= 200)))
);
ALTER TABLE streamspace_data.request OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.request IS 'Idempotency keys: the answer that a repeat gets. secret_of: the answer held a secret that is not kept, this is the object';
CREATE TABLE streamspace_data.session_activity (
    org_id integer NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    active_at timestamp with time zone NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL,
    CONSTRAINT session_activity_actor_is_short CHECK ((length(actor) <= 300)),
    CONSTRAINT session_activity_kind_is_known CHECK ((kind = 'input'::text))
)
WITH (fillfactor='50');
ALTER TABLE streamspace_data.session_activity OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session_activity IS 'Last input that somebody gave to a session; narrow and without an index on the time, so that every update is HOT. No row means unknown, never idle';
COMMENT ON COLUMN streamspace_data.session_activity.kind IS 'What counted: input of a keyboard or pointer';
CREATE TABLE streamspace_data.session_change (
    org_id integer NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    change_id bigint NOT NULL,
    was jsonb NOT NULL
)
PARTITION BY RANGE (at);
ALTER TABLE streamspace_data.session_change OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session_change IS 'Undo log of sessions: was holds the columns that a change replaced, with their values before it; kept as long as session_event; append-only';
ALTER TABLE streamspace_data.session_change ALTER COLUMN change_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME streamspace_data.session_change_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.session_event (
    org_id integer NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    event_id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event text NOT NULL COLLATE pg_catalog."C",
    from_state text COLLATE pg_catalog."C",
    to_state text COLLATE pg_catalog."C",
    revision bigint,
    reason text,
    message text,
    actor text NOT NULL,
    details jsonb
)
PARTITION BY RANGE (at);
ALTER TABLE streamspace_data.session_event OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session_event IS 'What happened to a session, written in the commit that did it; append-only';
ALTER TABLE streamspace_data.session_event ALTER COLUMN event_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME streamspace_data.session_event_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.session_schedule (
    org_id integer NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    time_zone text NOT NULL,
    days integer[] NOT NULL,
    start_time time without time zone,
    stop_time time without time zone,
    enabled boolean NOT NULL,
    set_by text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT session_schedule_days_are_of_the_week CHECK ((((cardinality(days) >= 1) AND (cardinality(days) <= 7)) AND (days <@ ARRAY[1, 2, 3, 4, 5, 6, 7]))),
    CONSTRAINT session_schedule_does_something CHECK (((num_nonnulls(start_time, stop_time) > 0) AND (start_time IS DISTINCT FROM stop_time))),
    CONSTRAINT session_schedule_zone_is_short CHECK ((length(time_zone) <= 100))
);
ALTER TABLE streamspace_data.session_schedule OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session_schedule IS 'Working hours of a session: woken at start_time and hibernated at stop_time of its days, by the clock of its time zone. Each of these moments acts once; what a person does after it stands until the next';
COMMENT ON COLUMN streamspace_data.session_schedule.user_id IS 'Owner of the session';
COMMENT ON COLUMN streamspace_data.session_schedule.days IS 'Days on which a window begins: 1 Monday to 7 Sunday. A stop_time before the start_time lies on the day after';
COMMENT ON COLUMN streamspace_data.session_schedule.set_at IS 'Moments before it have no effect';
CREATE TABLE streamspace_data.session_share (
    org_id integer NOT NULL,
    share_id text NOT NULL COLLATE pg_catalog."C",
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_id integer,
    group_id integer,
    mode text NOT NULL COLLATE pg_catalog."C",
    expires_at timestamp with time zone,
    session_created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT session_share_id_is_ours CHECK ((share_id ~ '^sh-[0-9a-z]{26}$'::text)),
    CONSTRAINT session_share_is_with_one CHECK ((num_nonnulls(user_id, group_id) = 1)),
    CONSTRAINT session_share_mode_is_known CHECK ((mode = ANY (ARRAY['view'::text, 'control'::text]))),
    CONSTRAINT session_share_revision_fits_json CHECK (((revision >= 1) AND (revision <= '9007199254740991'::bigint)))
);
ALTER TABLE streamspace_data.session_share OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session_share IS 'Who else of the organisation may use a session: one user or the present members of one group, until expires_at (NULL: until revoked). Revoking deletes the row; the audit log keeps the call';
COMMENT ON COLUMN streamspace_data.session_share.mode IS 'view: see it; control: also act in it, which counts as activity';
COMMENT ON COLUMN streamspace_data.session_share.session_created_at IS 'Of the session, which never changes: the order of the list of what is shared with somebody';
CREATE TABLE streamspace_data.session_tag (
    org_id integer NOT NULL,
    tag text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_id integer NOT NULL,
    CONSTRAINT session_tag_is_a_word CHECK ((tag ~ '^[a-z0-9]([a-z0-9._:/-]{0,61}[a-z0-9])?$'::text))
);
ALTER TABLE streamspace_data.session_tag OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session_tag IS 'Tags of sessions, a row each; created_at and user_id are those of the session. At most 32 a session';
CREATE TABLE streamspace_data.session_transition (
    from_state text NOT NULL COLLATE pg_catalog."C",
    event text NOT NULL COLLATE pg_catalog."C",
    to_state text NOT NULL COLLATE pg_catalog."C",
    deadline interval,
    on_deadline text COLLATE pg_catalog."C",
    CONSTRAINT session_transition_deadline_has_an_event CHECK (((deadline IS NULL) = (on_deadline IS NULL))),
    CONSTRAINT session_transition_enters_a_known_state CHECK ((to_state = ANY (ARRAY['pending'::text, 'starting'::text, 'running'::text, 'hibernating'::text, 'hibernated'::text, 'waking'::text, 'terminating'::text, 'terminated'::text, 'failed'::text]))),
    CONSTRAINT session_transition_event_is_a_word CHECK ((event ~ '^[a-z][a-z_]{0,39}$'::text)),
    CONSTRAINT session_transition_leaves_a_known_state CHECK ((from_state = ANY (ARRAY['none'::text, 'pending'::text, 'starting'::text, 'running'::text, 'hibernating'::text, 'hibernated'::text, 'waking'::text, 'terminating'::text, 'failed'::text]))),
    CONSTRAINT session_transition_waits_have_deadlines CHECK (((to_state = ANY (ARRAY['running'::text, 'hibernated'::text, 'terminated'::text])) = (deadline IS NULL)))
);
ALTER TABLE streamspace_data.session_transition OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.session_transition IS 'The state machine of a session: in from_state, event leads to to_state; if the session is still there after deadline, on_deadline happens. none is the state before the row exists; terminated is final';
CREATE TABLE streamspace_data.signal (
    org_id integer NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    signal_id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    event text NOT NULL COLLATE pg_catalog."C",
    session_id text COLLATE pg_catalog."C",
    user_id integer,
    group_id integer,
    CONSTRAINT signal_concerns_somebody CHECK ((num_nonnulls(session_id, user_id) >= 1))
);
ALTER TABLE streamspace_data.signal OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.signal IS 'What streams of events are made of: which session looks different, or whose rights have changed, and by which transaction. Written in the commit that did it; removed after an hour';
COMMENT ON COLUMN streamspace_data.signal.user_id IS 'With a session: it was shared with this user, or no longer is. Without: what this user may do or see has changed';
COMMENT ON COLUMN streamspace_data.signal.group_id IS 'The session was shared with this group, or no longer is';
CREATE TABLE streamspace_data.signal_mark (
    mark bigint NOT NULL,
    generation integer NOT NULL,
    at timestamp with time zone NOT NULL,
    horizon xid8 NOT NULL
);
ALTER TABLE streamspace_data.signal_mark OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.signal_mark IS 'A mark a minute. Who sees a mark sees everything that transactions below its horizon wrote; so once signals below the horizon of a mark are gone, tokens that know of no such mark are too old. The oldest row is the one up to which signals are gone';
ALTER TABLE streamspace_data.signal ALTER COLUMN signal_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME streamspace_data.signal_signal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.template_copy (
    org_id integer NOT NULL,
    template_id integer NOT NULL,
    source_org_id integer NOT NULL,
    source_template_id integer NOT NULL,
    CONSTRAINT template_copy_is_in_another_org CHECK ((org_id <> source_org_id))
);
ALTER TABLE streamspace_data.template_copy OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.template_copy IS 'Templates that a platform administrator publishes: the copy in one organisation, and the template of another whose content it follows. Written by publish_template and delete_template only';
CREATE TABLE streamspace_data.template_group (
    org_id integer NOT NULL,
    template_id integer NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE streamspace_data.template_group OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.template_group IS 'Groups whose members see a restricted template';
CREATE TABLE streamspace_data.template_revision (
    org_id integer NOT NULL,
    template_id integer NOT NULL,
    revision integer NOT NULL,
    spec jsonb NOT NULL,
    platforms text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT template_revision_is_positive CHECK ((revision >= 1)),
    CONSTRAINT template_revision_names_a_platform CHECK (((cardinality(platforms) >= 1) AND (cardinality(platforms) <= 8))),
    CONSTRAINT template_revision_spec_is_an_object CHECK ((jsonb_typeof(spec) = 'object'::text))
);
ALTER TABLE streamspace_data.template_revision OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.template_revision IS 'Every content a template ever had; a session keeps the revision that it was made from';
ALTER TABLE streamspace_data.template ALTER COLUMN template_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.template_template_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE streamspace_data.user_group ALTER COLUMN group_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME streamspace_data.user_group_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE streamspace_data.viewer_ticket (
    ticket_hash bytea NOT NULL,
    org_id integer NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_org_id integer NOT NULL,
    user_id integer NOT NULL,
    credential_id text NOT NULL COLLATE pg_catalog."C",
    viewer text NOT NULL,
    mode text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT viewer_ticket_is_a_sha256 CHECK ((octet_length(ticket_hash) = 32)),
    CONSTRAINT viewer_ticket_mode_is_known CHECK ((mode = ANY (ARRAY['view'::text, 'control'::text])))
);
ALTER TABLE streamspace_data.viewer_ticket OWNER TO streamspace_owner;
COMMENT ON TABLE streamspace_data.viewer_ticket IS 'Tickets that open one viewer of one session each, within seconds, for who asked for them; the SHA-256 only. Using a ticket deletes its row';
COMMENT ON COLUMN streamspace_data.viewer_ticket.org_id IS 'Of the session; user_org_id is that of the user, another one for a platform administrator';
COMMENT ON COLUMN streamspace_data.viewer_ticket.credential_id IS 'Log-in or API key that asked for the ticket: what the ticket opens ends with it';
COMMENT ON COLUMN streamspace_data.viewer_ticket.viewer IS 'Who asked, as the audit log writes it';
ALTER TABLE ONLY streamspace_data.agent_command
    ADD CONSTRAINT agent_command_pkey PRIMARY KEY (command_id);
ALTER TABLE ONLY streamspace_data.agent_connection
    ADD CONSTRAINT agent_connection_pkey PRIMARY KEY (agent_id, epoch);
ALTER TABLE ONLY streamspace_data.agent_heartbeat
    ADD CONSTRAINT agent_heartbeat_pkey PRIMARY KEY (agent_id);
ALTER TABLE ONLY streamspace_data.agent_org
    ADD CONSTRAINT agent_org_pkey PRIMARY KEY (agent_id, org_id);
ALTER TABLE ONLY streamspace_data.agent_orphan
    ADD CONSTRAINT agent_orphan_pkey PRIMARY KEY (agent_id, object_kind, object_id);
ALTER TABLE ONLY streamspace_data.agent
    ADD CONSTRAINT agent_pkey PRIMARY KEY (agent_id);
ALTER TABLE ONLY streamspace_data.agent_stream
    ADD CONSTRAINT agent_stream_pkey PRIMARY KEY (agent_id);
ALTER TABLE ONLY streamspace_data.agent_token
    ADD CONSTRAINT agent_token_hash_is_unique UNIQUE (token_hash);
ALTER TABLE ONLY streamspace_data.agent_token
    ADD CONSTRAINT agent_token_pkey PRIMARY KEY (token_id);
ALTER TABLE ONLY streamspace_data.app_user
    ADD CONSTRAINT app_user_id_is_unique UNIQUE (user_id);
ALTER TABLE ONLY streamspace_data.app_user
    ADD CONSTRAINT app_user_name_is_unique_in_its_org UNIQUE (org_id, name);
ALTER TABLE ONLY streamspace_data.app_user
    ADD CONSTRAINT app_user_pkey PRIMARY KEY (org_id, user_id);
ALTER TABLE ONLY streamspace_data.audit_horizon
    ADD CONSTRAINT audit_horizon_pkey PRIMARY KEY (generation);
ALTER TABLE ONLY streamspace_data.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (at, audit_id);
ALTER TABLE ONLY streamspace_data.audit_mark
    ADD CONSTRAINT audit_mark_pkey PRIMARY KEY (chain, month);
ALTER TABLE ONLY streamspace_data.audit_seal
    ADD CONSTRAINT audit_seal_pkey PRIMARY KEY (chain, seal_number);
ALTER TABLE ONLY streamspace_data.cleanup_key
    ADD CONSTRAINT cleanup_key_opens_one_agent UNIQUE (key_hash);
ALTER TABLE ONLY streamspace_data.cleanup_key
    ADD CONSTRAINT cleanup_key_pkey PRIMARY KEY (agent_id);
ALTER TABLE ONLY streamspace_data.connection
    ADD CONSTRAINT connection_id_is_unique UNIQUE (connection_id);
ALTER TABLE ONLY streamspace_data.connection
    ADD CONSTRAINT connection_pkey PRIMARY KEY (org_id, connection_id);
ALTER TABLE ONLY streamspace_data.credential
    ADD CONSTRAINT credential_hash_is_unique_in_its_org UNIQUE (org_id, token_hash);
ALTER TABLE ONLY streamspace_data.credential
    ADD CONSTRAINT credential_id_is_unique UNIQUE (credential_id);
ALTER TABLE ONLY streamspace_data.credential
    ADD CONSTRAINT credential_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY streamspace_data.credential_use
    ADD CONSTRAINT credential_use_pkey PRIMARY KEY (org_id, token_hash);
ALTER TABLE ONLY streamspace_data.doorbell
    ADD CONSTRAINT doorbell_pkey PRIMARY KEY (replica);
ALTER TABLE ONLY streamspace_data.error_code
    ADD CONSTRAINT error_code_is_unique UNIQUE (code);
ALTER TABLE ONLY streamspace_data.error_code
    ADD CONSTRAINT error_code_pkey PRIMARY KEY (sqlstate);
ALTER TABLE ONLY streamspace_data.group_member
    ADD CONSTRAINT group_member_pkey PRIMARY KEY (org_id, group_id, user_id);
ALTER TABLE ONLY streamspace_data.home
    ADD CONSTRAINT home_id_is_unique UNIQUE (home_id);
ALTER TABLE ONLY streamspace_data.home_location
    ADD CONSTRAINT home_location_pkey PRIMARY KEY (org_id, home_id);
ALTER TABLE ONLY streamspace_data.home
    ADD CONSTRAINT home_pkey PRIMARY KEY (org_id, home_id);
ALTER TABLE ONLY streamspace_data.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (singleton);
ALTER TABLE ONLY streamspace_data.login_address
    ADD CONSTRAINT login_address_pkey PRIMARY KEY (org_id, user_id, address);
ALTER TABLE ONLY streamspace_data.login_attempt
    ADD CONSTRAINT login_attempt_pkey PRIMARY KEY (key);
ALTER TABLE ONLY streamspace_data.org
    ADD CONSTRAINT org_name_is_unique UNIQUE (name);
ALTER TABLE ONLY streamspace_data.org
    ADD CONSTRAINT org_pkey PRIMARY KEY (org_id);
ALTER TABLE ONLY streamspace_data.permission
    ADD CONSTRAINT permission_pkey PRIMARY KEY (function);
ALTER TABLE ONLY streamspace_data.policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (org_id, policy_id);
ALTER TABLE ONLY streamspace_data.policy_review
    ADD CONSTRAINT policy_review_pkey PRIMARY KEY (review_id);
ALTER TABLE ONLY streamspace_data.pool
    ADD CONSTRAINT pool_pkey PRIMARY KEY (pool_id);
ALTER TABLE ONLY streamspace_data.pool_slot
    ADD CONSTRAINT pool_slot_pkey PRIMARY KEY (pool_id, slot);
ALTER TABLE ONLY streamspace_data.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (actor, function, request_id);
ALTER TABLE ONLY streamspace_data.session_activity
    ADD CONSTRAINT session_activity_pkey PRIMARY KEY (org_id, session_id);
ALTER TABLE ONLY streamspace_data.session_change
    ADD CONSTRAINT session_change_pkey PRIMARY KEY (org_id, session_id, at, change_id);
ALTER TABLE ONLY streamspace_data.session_event
    ADD CONSTRAINT session_event_pkey PRIMARY KEY (org_id, session_id, at, event_id);
ALTER TABLE ONLY streamspace_data.session
    ADD CONSTRAINT session_id_is_unique UNIQUE (session_id);
ALTER TABLE ONLY streamspace_data.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (org_id, session_id);
ALTER TABLE ONLY streamspace_data.session_schedule
    ADD CONSTRAINT session_schedule_pkey PRIMARY KEY (org_id, session_id);
ALTER TABLE ONLY streamspace_data.session_share
    ADD CONSTRAINT session_share_pkey PRIMARY KEY (org_id, share_id);
ALTER TABLE ONLY streamspace_data.session_tag
    ADD CONSTRAINT session_tag_pkey PRIMARY KEY (org_id, session_id, tag);
ALTER TABLE ONLY streamspace_data.session_transition
    ADD CONSTRAINT session_transition_pkey PRIMARY KEY (from_state, event);
ALTER TABLE ONLY streamspace_data.signal_mark
    ADD CONSTRAINT signal_mark_pkey PRIMARY KEY (mark);
ALTER TABLE ONLY streamspace_data.signal
    ADD CONSTRAINT signal_pkey PRIMARY KEY (xid, signal_id);
ALTER TABLE ONLY streamspace_data.template_copy
    ADD CONSTRAINT template_copy_is_one_an_org UNIQUE (source_org_id, source_template_id, org_id);
ALTER TABLE ONLY streamspace_data.template_copy
    ADD CONSTRAINT template_copy_pkey PRIMARY KEY (org_id, template_id);
ALTER TABLE ONLY streamspace_data.template_group
    ADD CONSTRAINT template_group_pkey PRIMARY KEY (org_id, template_id, group_id);
ALTER TABLE ONLY streamspace_data.template
    ADD CONSTRAINT template_name_is_unique_in_its_org UNIQUE (org_id, name);
ALTER TABLE ONLY streamspace_data.template
    ADD CONSTRAINT template_pkey PRIMARY KEY (org_id, template_id);
ALTER TABLE ONLY streamspace_data.template_revision
    ADD CONSTRAINT template_revision_pkey PRIMARY KEY (org_id, template_id, revision);
ALTER TABLE ONLY streamspace_data.user_group
    ADD CONSTRAINT user_group_id_is_unique UNIQUE (group_id);
ALTER TABLE ONLY streamspace_data.user_group
    ADD CONSTRAINT user_group_name_is_unique_in_its_org UNIQUE (org_id, name);
ALTER TABLE ONLY streamspace_data.user_group
    ADD CONSTRAINT user_group_pkey PRIMARY KEY (org_id, group_id);
ALTER TABLE ONLY streamspace_data.viewer_ticket
    ADD CONSTRAINT viewer_ticket_pkey PRIMARY KEY (ticket_hash);
CREATE INDEX agent_by_platform ON streamspace_data.agent USING btree (platform) WHERE ((approval = 'approved'::text) AND (state = 'online'::text));
CREATE INDEX agent_by_spread ON streamspace_data.agent USING btree (spread) WHERE ((approval = 'approved'::text) AND (state = 'online'::text) AND (NOT draining));
CREATE INDEX agent_command_by_end ON streamspace_data.agent_command USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX agent_command_by_lease ON streamspace_data.agent_command USING btree (lease_until) WHERE (state = ANY (ARRAY['sent'::text, 'acked'::text]));
CREATE INDEX agent_command_by_session ON streamspace_data.agent_command USING btree (org_id, session_id) WHERE (session_id IS NOT NULL);
CREATE INDEX agent_command_in_work ON streamspace_data.agent_command USING btree (agent_id, command_number) WHERE (state = ANY (ARRAY['sent'::text, 'acked'::text]));
CREATE INDEX agent_command_of_an_object ON streamspace_data.agent_command USING btree (agent_id, object_kind, object_id, command_number) WHERE (state = ANY (ARRAY['pending'::text, 'sent'::text, 'acked'::text]));
CREATE INDEX agent_command_waiting ON streamspace_data.agent_command USING btree (agent_id, command_number) WHERE (state = 'pending'::text);
CREATE INDEX agent_connection_by_end ON streamspace_data.agent_connection USING btree (disconnected_at) WHERE (disconnected_at IS NOT NULL);
CREATE UNIQUE INDEX agent_connection_is_one_at_a_time ON streamspace_data.agent_connection USING btree (agent_id) WHERE (disconnected_at IS NULL);
CREATE INDEX agent_org_by_org ON streamspace_data.agent_org USING btree (org_id);
CREATE INDEX agent_orphan_by_time ON streamspace_data.agent_orphan USING btree (first_seen_at) WHERE (command_id IS NULL);
CREATE INDEX agent_token_by_agent ON streamspace_data.agent_token USING btree (agent_id, token_id DESC);
CREATE INDEX agent_token_by_expiry ON streamspace_data.agent_token USING btree (expires_at);
CREATE UNIQUE INDEX agent_token_is_one_at_a_time ON streamspace_data.agent_token USING btree (agent_id) WHERE ((used_at IS NULL) AND (revoked_at IS NULL));
CREATE INDEX app_user_administrators ON streamspace_data.app_user USING btree (user_id) WHERE (role = 'platform_admin'::text);
CREATE INDEX app_user_by_role ON streamspace_data.app_user USING btree (org_id, role, name);
CREATE INDEX app_user_inactive ON streamspace_data.app_user USING btree (org_id, name) WHERE (NOT active);
CREATE INDEX audit_log_by_actor ON ONLY streamspace_data.audit_log USING btree (COALESCE(org_id, 0), actor, at DESC, audit_id DESC);
CREATE INDEX audit_log_by_function ON ONLY streamspace_data.audit_log USING btree (COALESCE(org_id, 0), function, at DESC, audit_id DESC);
CREATE INDEX audit_log_by_object ON ONLY streamspace_data.audit_log USING btree (COALESCE(org_id, 0), object_id, at DESC, audit_id DESC) WHERE (object_id IS NOT NULL);
CREATE INDEX audit_log_by_org ON ONLY streamspace_data.audit_log USING btree (COALESCE(org_id, 0), at DESC, audit_id DESC);
CREATE INDEX audit_log_by_xid ON ONLY streamspace_data.audit_log USING btree (generation, xid, COALESCE(org_id, 0));
CREATE INDEX audit_seal_by_month ON streamspace_data.audit_seal USING btree (month, chain, seal_number);
CREATE INDEX connection_by_agent ON streamspace_data.connection USING btree (agent_id) WHERE (closed_at IS NULL);
CREATE INDEX connection_by_end ON streamspace_data.connection USING btree (closed_at) WHERE (closed_at IS NOT NULL);
CREATE INDEX connection_by_session ON streamspace_data.connection USING btree (org_id, session_id, connection_id DESC);
CREATE INDEX connection_by_user ON streamspace_data.connection USING btree (user_org_id, user_id, connection_id DESC);
CREATE INDEX connection_open_by_age ON streamspace_data.connection USING btree (opened_at) WHERE (closed_at IS NULL);
CREATE INDEX connection_open_by_org ON streamspace_data.connection USING btree (org_id, connection_id DESC) WHERE (closed_at IS NULL);
CREATE INDEX connection_open_by_owner ON streamspace_data.connection USING btree (org_id, owner_id, connection_id DESC) WHERE (closed_at IS NULL);
CREATE INDEX connection_open_by_session ON streamspace_data.connection USING btree (org_id, session_id, connection_id DESC) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX connection_relay_ticket_is_unique ON streamspace_data.connection USING btree (relay_hash) WHERE (relay_hash IS NOT NULL);
CREATE UNIQUE INDEX credential_agent_has_one_key ON streamspace_data.credential USING btree (agent_id) WHERE ((agent_id IS NOT NULL) AND (revoked_at IS NULL));
CREATE UNIQUE INDEX credential_bootstrap_is_one ON streamspace_data.credential USING btree (kind) WHERE ((kind = 'bootstrap'::text) AND (revoked_at IS NULL));
CREATE INDEX credential_by_expiry ON streamspace_data.credential USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX credential_by_revocation ON streamspace_data.credential USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);
CREATE INDEX credential_by_user ON streamspace_data.credential USING btree (org_id, user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX credential_of_org_by_id ON streamspace_data.credential USING btree (org_id, kind, credential_id) WHERE ((credential_id IS NOT NULL) AND (revoked_at IS NULL));
CREATE INDEX credential_of_user_by_id ON streamspace_data.credential USING btree (org_id, user_id, kind, credential_id) WHERE ((credential_id IS NOT NULL) AND (revoked_at IS NULL));
CREATE INDEX group_member_by_user ON streamspace_data.group_member USING btree (org_id, user_id, group_id);
CREATE INDEX home_by_end ON streamspace_data.home USING btree (delete_at) WHERE (delete_at IS NOT NULL);
CREATE INDEX home_by_owner ON streamspace_data.home USING btree (org_id, user_id, created_at DESC, home_id DESC);
CREATE INDEX home_by_state ON streamspace_data.home USING btree (org_id, state, created_at DESC, home_id DESC);
CREATE INDEX home_by_template ON streamspace_data.home USING btree (org_id, template_id) WHERE (template_id IS NOT NULL);
CREATE INDEX home_by_time ON streamspace_data.home USING btree (org_id, created_at DESC, home_id DESC);
CREATE INDEX home_free ON streamspace_data.home USING btree (org_id, user_id, template_id, created_at, home_id) WHERE ((state = 'kept'::text) AND (session_id IS NULL));
CREATE UNIQUE INDEX home_is_one_of_a_session ON streamspace_data.home USING btree (session_id) WHERE (session_id IS NOT NULL);
CREATE INDEX home_location_by_agent ON streamspace_data.home_location USING btree (agent_id, home_id);
CREATE UNIQUE INDEX home_name_is_unique_of_its_owner ON streamspace_data.home USING btree (org_id, user_id, name) WHERE (state = 'kept'::text);
CREATE INDEX login_address_by_time ON streamspace_data.login_address USING btree (last_login_at);
CREATE INDEX login_attempt_by_end ON streamspace_data.login_attempt USING btree (ends_at);
CREATE INDEX policy_by_scope ON streamspace_data.policy USING btree (org_id, scope, policy_id);
CREATE UNIQUE INDEX policy_is_one_a_group ON streamspace_data.policy USING btree (org_id, group_id) WHERE (group_id IS NOT NULL);
CREATE UNIQUE INDEX policy_is_one_a_session ON streamspace_data.policy USING btree (org_id, session_id) WHERE (session_id IS NOT NULL);
CREATE UNIQUE INDEX policy_is_one_a_template ON streamspace_data.policy USING btree (org_id, template_id) WHERE (template_id IS NOT NULL);
CREATE UNIQUE INDEX policy_is_one_a_user ON streamspace_data.policy USING btree (org_id, user_id) WHERE (user_id IS NOT NULL);
CREATE UNIQUE INDEX policy_is_one_an_org ON streamspace_data.policy USING btree (org_id) WHERE (scope = 'org'::text);
CREATE INDEX policy_review_by_org ON streamspace_data.policy_review USING btree (org_id);
CREATE UNIQUE INDEX pool_of_a_group ON streamspace_data.pool USING btree (org_id, group_id) WHERE (group_id IS NOT NULL);
CREATE UNIQUE INDEX pool_of_a_user ON streamspace_data.pool USING btree (org_id, user_id) WHERE (user_id IS NOT NULL);
CREATE UNIQUE INDEX pool_of_an_agent ON streamspace_data.pool USING btree (agent_id) WHERE (agent_id IS NOT NULL);
CREATE UNIQUE INDEX pool_of_an_org ON streamspace_data.pool USING btree (org_id, kind) WHERE (kind = ANY (ARRAY['org'::text, 'user_default'::text]));
CREATE INDEX request_by_time ON streamspace_data.request USING btree (created_at);
CREATE INDEX session_by_agent ON streamspace_data.session USING btree (agent_id) INCLUDE (state) WHERE ((state <> 'terminated'::text) OR cleanup_debt);
CREATE INDEX session_by_check ON streamspace_data.session USING btree (check_at) WHERE (check_at IS NOT NULL);
CREATE INDEX session_by_deadline ON streamspace_data.session USING btree (deadline_at) WHERE (deadline_at IS NOT NULL);
CREATE INDEX session_by_home ON streamspace_data.session USING btree (org_id, home_id) WHERE (home_id IS NOT NULL);
CREATE INDEX session_by_owner ON streamspace_data.session USING btree (org_id, user_id, created_at DESC, session_id DESC);
CREATE INDEX session_by_state ON streamspace_data.session USING btree (org_id, state, created_at DESC, session_id DESC);
CREATE INDEX session_by_template ON streamspace_data.session USING btree (org_id, template_id, template_revision);
CREATE INDEX session_by_template_and_time ON streamspace_data.session USING btree (org_id, template_id, created_at DESC, session_id DESC);
CREATE INDEX session_by_time ON streamspace_data.session USING btree (org_id, created_at DESC, session_id DESC);
CREATE INDEX session_failed ON streamspace_data.session USING btree (state_at) WHERE (state = 'failed'::text);
CREATE INDEX session_observed_differently ON streamspace_data.session USING btree (org_id, created_at DESC, session_id DESC) WHERE (((state = 'running'::text) AND (observed_state IS DISTINCT FROM 'running'::text)) OR ((state = 'hibernated'::text) AND (observed_state IS DISTINCT FROM 'hibernated'::text)));
CREATE INDEX session_of_agent_by_time ON streamspace_data.session USING btree (org_id, agent_id, created_at DESC, session_id DESC) WHERE (state <> 'terminated'::text);
CREATE INDEX session_schedule_by_owner ON streamspace_data.session_schedule USING btree (org_id, user_id, session_id);
CREATE INDEX session_share_by_end ON streamspace_data.session_share USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX session_share_by_group ON streamspace_data.session_share USING btree (org_id, group_id, session_created_at DESC, session_id DESC) WHERE (group_id IS NOT NULL);
CREATE INDEX session_share_by_session ON streamspace_data.session_share USING btree (org_id, session_id, share_id);
CREATE INDEX session_share_by_user ON streamspace_data.session_share USING btree (org_id, user_id, session_created_at DESC, session_id DESC) WHERE (user_id IS NOT NULL);
CREATE UNIQUE INDEX session_share_is_one_a_group ON streamspace_data.session_share USING btree (org_id, session_id, group_id) WHERE (group_id IS NOT NULL);
CREATE UNIQUE INDEX session_share_is_one_a_user ON streamspace_data.session_share USING btree (org_id, session_id, user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX session_tag_by_owner ON streamspace_data.session_tag USING btree (org_id, user_id, tag, created_at DESC, session_id DESC);
CREATE INDEX session_tag_by_time ON streamspace_data.session_tag USING btree (org_id, tag, created_at DESC, session_id DESC);
CREATE INDEX session_waiting_for_a_place ON streamspace_data.session USING btree (created_at, session_id) WHERE (state = 'pending'::text);
CREATE INDEX session_waiting_for_room ON streamspace_data.session USING btree (created_at, session_id) WHERE ((state = 'pending'::text) AND (reason = 'no_capacity'::text));
CREATE INDEX session_with_debt ON streamspace_data.session USING btree (agent_id) WHERE cleanup_debt;
CREATE INDEX template_group_by_group ON streamspace_data.template_group USING btree (org_id, group_id);
CREATE INDEX viewer_ticket_by_expiry ON streamspace_data.viewer_ticket USING btree (expires_at);
CREATE INDEX viewer_ticket_by_session ON streamspace_data.viewer_ticket USING btree (org_id, session_id);
CREATE INDEX viewer_ticket_by_user ON streamspace_data.viewer_ticket USING btree (user_org_id, user_id, expires_at);
CREATE TRIGGER agent_capacity_is_its_pool AFTER UPDATE ON streamspace_data.agent FOR EACH ROW WHEN (((((old.max_sessions IS DISTINCT FROM new.max_sessions) OR (old.limit_sessions IS DISTINCT FROM new.limit_sessions)) OR (old.limit_millicores IS DISTINCT FROM new.limit_millicores)) OR (old.limit_memory_mib IS DISTINCT FROM new.limit_memory_mib))) EXECUTE FUNCTION streamspace_rules.resize_agent_pool();
CREATE TRIGGER agent_has_a_pool AFTER INSERT ON streamspace_data.agent FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
CREATE TRIGGER app_user_end_is_signalled AFTER UPDATE ON streamspace_data.app_user FOR EACH ROW WHEN ((old.active AND (NOT new.active))) EXECUTE FUNCTION streamspace_rules.signal_user('credential');
CREATE TRIGGER app_user_has_a_pool AFTER INSERT ON streamspace_data.app_user FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
CREATE TRIGGER app_user_role_is_signalled AFTER UPDATE ON streamspace_data.app_user FOR EACH ROW WHEN ((old.role IS DISTINCT FROM new.role)) EXECUTE FUNCTION streamspace_rules.signal_user('access');
CREATE TRIGGER credential_end_is_signalled AFTER UPDATE ON streamspace_data.credential FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL) AND (new.kind = ANY (ARRAY['login'::text, 'api_key'::text])))) EXECUTE FUNCTION streamspace_rules.signal_user('credential');
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent_command FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent_command ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent_connection FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent_connection ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent_heartbeat FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent_heartbeat ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent_org FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent_org ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent_orphan FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent_orphan ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent_stream FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent_stream ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.agent_token FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.agent_token ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.app_user FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.app_user ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.audit_horizon FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.audit_horizon ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.audit_log FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.audit_log ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.audit_mark FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.audit_mark ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.audit_seal FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.audit_seal ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.cleanup_key FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.cleanup_key ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.connection FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.connection ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.credential FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.credential ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.credential_use FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.credential_use ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.doorbell FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.doorbell ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.error_code FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.error_code ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.group_member FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.group_member ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.home FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.home ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.home_location FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.home_location ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.installation FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.installation ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.login_address FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.login_address ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.login_attempt FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.login_attempt ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.org FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.org ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.permission FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.permission ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.policy FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.policy ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.policy_review FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.policy_review ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.pool FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.pool ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.pool_slot FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.pool_slot ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.request FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.request ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session_activity FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session_activity ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session_change FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session_change ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session_event FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session_event ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session_schedule FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session_schedule ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session_share FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session_share ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session_tag FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session_tag ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.session_transition FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.session_transition ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.signal FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.signal ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.signal_mark FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.signal_mark ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.template FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.template ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.template_copy FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.template_copy ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.template_group FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.template_group ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.template_revision FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.template_revision ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.user_group FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.user_group ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON streamspace_data.viewer_ticket FOR EACH STATEMENT WHEN (((CURRENT_USER <> ALL (ARRAY['streamspace_definer'::name, 'streamspace_system'::name])) AND ((CURRENT_USER <> 'streamspace_owner'::name) OR (pg_trigger_depth() = 0)))) EXECUTE FUNCTION streamspace_rules.record_direct_dml();
ALTER TABLE streamspace_data.viewer_ticket ENABLE ALWAYS TRIGGER direct_dml_is_recorded;
CREATE TRIGGER group_member_is_signalled AFTER INSERT OR DELETE ON streamspace_data.group_member FOR EACH ROW EXECUTE FUNCTION streamspace_rules.signal_user('access');
CREATE TRIGGER org_has_a_pool AFTER INSERT ON streamspace_data.org FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
CREATE TRIGGER session_begins_in_first_state AFTER INSERT ON streamspace_data.session FOR EACH ROW WHEN ((new.state IS DISTINCT FROM 'pending'::text)) EXECUTE FUNCTION streamspace_rules.guard_session_state();
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER session_begins_in_first_state;
CREATE TRIGGER session_birth_is_signalled AFTER INSERT ON streamspace_data.session FOR EACH ROW EXECUTE FUNCTION streamspace_rules.signal_session();
CREATE TRIGGER session_change_is_recorded AFTER UPDATE ON streamspace_data.session FOR EACH ROW WHEN ((old.revision IS DISTINCT FROM new.revision)) EXECUTE FUNCTION streamspace_rules.record_session_change();
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER session_change_is_recorded;
CREATE TRIGGER session_change_is_signalled AFTER UPDATE ON streamspace_data.session FOR EACH ROW WHEN ((old.revision IS DISTINCT FROM new.revision)) EXECUTE FUNCTION streamspace_rules.signal_session();
CREATE TRIGGER session_leaves_its_agent AFTER UPDATE ON streamspace_data.session FOR EACH ROW WHEN (((old.agent_id IS NOT NULL) AND (old.agent_id IS DISTINCT FROM new.agent_id))) EXECUTE FUNCTION streamspace_rules.leave_agent();
CREATE TRIGGER session_revision_counts BEFORE UPDATE ON streamspace_data.session FOR EACH ROW WHEN ((((((((((((((((((((old.state IS DISTINCT FROM new.state) OR (old.state_at IS DISTINCT FROM new.state_at)) OR (old.desired_state IS DISTINCT FROM new.desired_state)) OR (old.observed_state IS DISTINCT FROM new.observed_state)) OR (old.platform IS DISTINCT FROM new.platform)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.message IS DISTINCT FROM new.message)) OR (old.progress IS DISTINCT FROM new.progress)) OR (old.deadline_at IS DISTINCT FROM new.deadline_at)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.template_revision IS DISTINCT FROM new.template_revision)) OR (old.parameters IS DISTINCT FROM new.parameters)) OR (old.name IS DISTINCT FROM new.name)) OR (old.notes IS DISTINCT FROM new.notes)) OR (old.home_id IS DISTINCT FROM new.home_id)) OR (old.warning IS DISTINCT FROM new.warning)) OR (old.attempts IS DISTINCT FROM new.attempts)) OR (old.retry_at IS DISTINCT FROM new.retry_at))) EXECUTE FUNCTION streamspace_rules.count_session_revision();
CREATE TRIGGER session_share_is_signalled AFTER INSERT OR DELETE OR UPDATE ON streamspace_data.session_share FOR EACH ROW EXECUTE FUNCTION streamspace_rules.signal_share();
CREATE TRIGGER session_state_is_guarded AFTER UPDATE ON streamspace_data.session FOR EACH ROW WHEN ((old.state IS DISTINCT FROM new.state)) EXECUTE FUNCTION streamspace_rules.guard_session_state();
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER session_state_is_guarded;
CREATE TRIGGER session_tag_change_is_recorded AFTER INSERT OR DELETE ON streamspace_data.session_tag FOR EACH ROW EXECUTE FUNCTION streamspace_rules.record_tag_change();
ALTER TABLE streamspace_data.session_tag ENABLE ALWAYS TRIGGER session_tag_change_is_recorded;
CREATE TRIGGER user_group_has_a_pool AFTER INSERT ON streamspace_data.user_group FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
ALTER TABLE ONLY streamspace_data.agent_command
    ADD CONSTRAINT agent_command_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.agent_command
    ADD CONSTRAINT agent_command_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.agent_command
    ADD CONSTRAINT agent_command_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.agent_connection
    ADD CONSTRAINT agent_connection_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.agent_heartbeat
    ADD CONSTRAINT agent_heartbeat_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.agent_org
    ADD CONSTRAINT agent_org_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.agent_org
    ADD CONSTRAINT agent_org_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.agent_orphan
    ADD CONSTRAINT agent_orphan_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.agent_stream
    ADD CONSTRAINT agent_stream_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.app_user
    ADD CONSTRAINT app_user_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.connection
    ADD CONSTRAINT connection_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.connection
    ADD CONSTRAINT connection_has_a_user FOREIGN KEY (user_org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.connection
    ADD CONSTRAINT connection_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.credential
    ADD CONSTRAINT credential_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.credential
    ADD CONSTRAINT credential_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.credential_use
    ADD CONSTRAINT credential_use_has_a_credential FOREIGN KEY (org_id, token_hash) REFERENCES streamspace_data.credential(org_id, token_hash) ON DELETE CASCADE;
ALTER TABLE ONLY streamspace_data.group_member
    ADD CONSTRAINT group_member_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group(org_id, group_id) ON DELETE CASCADE;
ALTER TABLE ONLY streamspace_data.group_member
    ADD CONSTRAINT group_member_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.home
    ADD CONSTRAINT home_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template(org_id, template_id);
ALTER TABLE ONLY streamspace_data.home
    ADD CONSTRAINT home_has_an_owner FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.home_location
    ADD CONSTRAINT home_location_has_a_home FOREIGN KEY (org_id, home_id) REFERENCES streamspace_data.home(org_id, home_id);
ALTER TABLE ONLY streamspace_data.home_location
    ADD CONSTRAINT home_location_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.login_address
    ADD CONSTRAINT login_address_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.policy
    ADD CONSTRAINT policy_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group(org_id, group_id);
ALTER TABLE ONLY streamspace_data.policy
    ADD CONSTRAINT policy_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.policy
    ADD CONSTRAINT policy_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template(org_id, template_id);
ALTER TABLE ONLY streamspace_data.policy
    ADD CONSTRAINT policy_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.policy
    ADD CONSTRAINT policy_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.policy_review
    ADD CONSTRAINT policy_review_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.pool
    ADD CONSTRAINT pool_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group(org_id, group_id) ON DELETE CASCADE;
ALTER TABLE ONLY streamspace_data.pool
    ADD CONSTRAINT pool_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.pool
    ADD CONSTRAINT pool_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.pool
    ADD CONSTRAINT pool_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.pool_slot
    ADD CONSTRAINT pool_slot_has_a_pool FOREIGN KEY (pool_id) REFERENCES streamspace_data.pool(pool_id) ON DELETE CASCADE;
ALTER TABLE ONLY streamspace_data.session_activity
    ADD CONSTRAINT session_activity_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.session
    ADD CONSTRAINT session_has_a_home FOREIGN KEY (org_id, home_id) REFERENCES streamspace_data.home(org_id, home_id);
ALTER TABLE ONLY streamspace_data.session
    ADD CONSTRAINT session_has_a_template FOREIGN KEY (org_id, template_id, template_revision) REFERENCES streamspace_data.template_revision(org_id, template_id, revision);
ALTER TABLE ONLY streamspace_data.session
    ADD CONSTRAINT session_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent(agent_id);
ALTER TABLE ONLY streamspace_data.session
    ADD CONSTRAINT session_has_an_owner FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.session_schedule
    ADD CONSTRAINT session_schedule_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.session_schedule
    ADD CONSTRAINT session_schedule_has_an_owner FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.session_share
    ADD CONSTRAINT session_share_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group(org_id, group_id) ON DELETE CASCADE;
ALTER TABLE ONLY streamspace_data.session_share
    ADD CONSTRAINT session_share_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.session_share
    ADD CONSTRAINT session_share_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE ONLY streamspace_data.session_tag
    ADD CONSTRAINT session_tag_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.template_copy
    ADD CONSTRAINT template_copy_has_a_source FOREIGN KEY (source_org_id, source_template_id) REFERENCES streamspace_data.template(org_id, template_id);
ALTER TABLE ONLY streamspace_data.template_copy
    ADD CONSTRAINT template_copy_is_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template(org_id, template_id);
ALTER TABLE ONLY streamspace_data.template_group
    ADD CONSTRAINT template_group_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group(org_id, group_id);
ALTER TABLE ONLY streamspace_data.template_group
    ADD CONSTRAINT template_group_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template(org_id, template_id);
ALTER TABLE ONLY streamspace_data.template
    ADD CONSTRAINT template_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.template_revision
    ADD CONSTRAINT template_revision_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template(org_id, template_id);
ALTER TABLE ONLY streamspace_data.user_group
    ADD CONSTRAINT user_group_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org(org_id);
ALTER TABLE ONLY streamspace_data.viewer_ticket
    ADD CONSTRAINT viewer_ticket_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session(org_id, session_id);
ALTER TABLE ONLY streamspace_data.viewer_ticket
    ADD CONSTRAINT viewer_ticket_has_a_user FOREIGN KEY (user_org_id, user_id) REFERENCES streamspace_data.app_user(org_id, user_id);
ALTER TABLE streamspace_data.agent ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.agent_command ENABLE ROW LEVEL SECURITY;
CREATE POLICY agent_command_of_the_org ON streamspace_data.agent_command TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY agent_command_report ON streamspace_data.agent_command FOR SELECT TO streamspace_report USING (true);
CREATE POLICY agent_command_system ON streamspace_data.agent_command TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.agent_connection ENABLE ROW LEVEL SECURITY;
CREATE POLICY agent_connection_report ON streamspace_data.agent_connection FOR SELECT TO streamspace_report USING (true);
CREATE POLICY agent_connection_system ON streamspace_data.agent_connection TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.agent_heartbeat ENABLE ROW LEVEL SECURITY;
CREATE POLICY agent_heartbeat_is_read ON streamspace_data.agent_heartbeat FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY agent_heartbeat_report ON streamspace_data.agent_heartbeat FOR SELECT TO streamspace_report USING (true);
CREATE POLICY agent_heartbeat_system ON streamspace_data.agent_heartbeat TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_is_read ON streamspace_data.agent FOR SELECT TO streamspace_definer USING (true);
ALTER TABLE streamspace_data.agent_org ENABLE ROW LEVEL SECURITY;
CREATE POLICY agent_org_report ON streamspace_data.agent_org FOR SELECT TO streamspace_report USING (true);
CREATE POLICY agent_org_system ON streamspace_data.agent_org TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.agent_orphan ENABLE ROW LEVEL SECURITY;
CREATE POLICY agent_orphan_report ON streamspace_data.agent_orphan FOR SELECT TO streamspace_report USING (true);
CREATE POLICY agent_orphan_system ON streamspace_data.agent_orphan TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_report ON streamspace_data.agent FOR SELECT TO streamspace_report USING (true);
ALTER TABLE streamspace_data.agent_stream ENABLE ROW LEVEL SECURITY;
CREATE POLICY agent_stream_report ON streamspace_data.agent_stream FOR SELECT TO streamspace_report USING (true);
CREATE POLICY agent_stream_system ON streamspace_data.agent_stream TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_system ON streamspace_data.agent TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.agent_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY agent_token_system ON streamspace_data.agent_token TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.app_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_user_of_the_org ON streamspace_data.app_user TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY app_user_report ON streamspace_data.app_user FOR SELECT TO streamspace_report USING (true);
CREATE POLICY app_user_system ON streamspace_data.app_user TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.audit_horizon ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_horizon_is_read ON streamspace_data.audit_horizon FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY audit_horizon_report ON streamspace_data.audit_horizon FOR SELECT TO streamspace_report USING (true);
CREATE POLICY audit_horizon_system ON streamspace_data.audit_horizon TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_log_of_the_org ON streamspace_data.audit_log FOR SELECT TO streamspace_definer USING ((COALESCE(org_id, 0) = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY audit_log_report ON streamspace_data.audit_log FOR SELECT TO streamspace_report USING (true);
CREATE POLICY audit_log_system ON streamspace_data.audit_log TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.audit_mark ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_mark_of_the_org ON streamspace_data.audit_mark FOR SELECT TO streamspace_definer USING ((chain = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY audit_mark_report ON streamspace_data.audit_mark FOR SELECT TO streamspace_report USING (true);
CREATE POLICY audit_mark_system ON streamspace_data.audit_mark TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.audit_seal ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_seal_of_the_org ON streamspace_data.audit_seal FOR SELECT TO streamspace_definer USING ((chain = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY audit_seal_report ON streamspace_data.audit_seal FOR SELECT TO streamspace_report USING (true);
CREATE POLICY audit_seal_system ON streamspace_data.audit_seal TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.cleanup_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY cleanup_key_system ON streamspace_data.cleanup_key TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.connection ENABLE ROW LEVEL SECURITY;
CREATE POLICY connection_of_the_org ON streamspace_data.connection TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY connection_report ON streamspace_data.connection FOR SELECT TO streamspace_report USING (true);
CREATE POLICY connection_system ON streamspace_data.connection TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.credential ENABLE ROW LEVEL SECURITY;
CREATE POLICY credential_of_the_org ON streamspace_data.credential TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY credential_system ON streamspace_data.credential TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.credential_use ENABLE ROW LEVEL SECURITY;
CREATE POLICY credential_use_of_the_org ON streamspace_data.credential_use FOR SELECT TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY credential_use_system ON streamspace_data.credential_use TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.doorbell ENABLE ROW LEVEL SECURITY;
CREATE POLICY doorbell_system ON streamspace_data.doorbell TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.group_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY group_member_of_the_org ON streamspace_data.group_member TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY group_member_report ON streamspace_data.group_member FOR SELECT TO streamspace_report USING (true);
CREATE POLICY group_member_system ON streamspace_data.group_member TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.home ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.home_location ENABLE ROW LEVEL SECURITY;
CREATE POLICY home_location_of_the_org ON streamspace_data.home_location TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY home_location_report ON streamspace_data.home_location FOR SELECT TO streamspace_report USING (true);
CREATE POLICY home_location_system ON streamspace_data.home_location TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY home_of_the_org ON streamspace_data.home TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY home_report ON streamspace_data.home FOR SELECT TO streamspace_report USING (true);
CREATE POLICY home_system ON streamspace_data.home TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.installation ENABLE ROW LEVEL SECURITY;
CREATE POLICY installation_is_read ON streamspace_data.installation FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY installation_report ON streamspace_data.installation FOR SELECT TO streamspace_report USING (true);
CREATE POLICY installation_system ON streamspace_data.installation TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.login_address ENABLE ROW LEVEL SECURITY;
CREATE POLICY login_address_system ON streamspace_data.login_address TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.login_attempt ENABLE ROW LEVEL SECURITY;
CREATE POLICY login_attempt_system ON streamspace_data.login_attempt TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.org ENABLE ROW LEVEL SECURITY;
CREATE POLICY org_of_the_org ON streamspace_data.org FOR SELECT TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY org_report ON streamspace_data.org FOR SELECT TO streamspace_report USING (true);
CREATE POLICY org_system ON streamspace_data.org TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY policy_of_the_org ON streamspace_data.policy TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY policy_report ON streamspace_data.policy FOR SELECT TO streamspace_report USING (true);
ALTER TABLE streamspace_data.policy_review ENABLE ROW LEVEL SECURITY;
CREATE POLICY policy_review_is_asked ON streamspace_data.policy_review FOR INSERT TO streamspace_definer WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY policy_review_system ON streamspace_data.policy_review TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY policy_system ON streamspace_data.policy TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.pool ENABLE ROW LEVEL SECURITY;
CREATE POLICY pool_report ON streamspace_data.pool FOR SELECT TO streamspace_report USING (true);
ALTER TABLE streamspace_data.pool_slot ENABLE ROW LEVEL SECURITY;
CREATE POLICY pool_slot_report ON streamspace_data.pool_slot FOR SELECT TO streamspace_report USING (true);
CREATE POLICY pool_slot_system ON streamspace_data.pool_slot TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY pool_system ON streamspace_data.pool TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.request ENABLE ROW LEVEL SECURITY;
CREATE POLICY request_system ON streamspace_data.request TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.session_activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_activity_of_the_org ON streamspace_data.session_activity TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_activity_report ON streamspace_data.session_activity FOR SELECT TO streamspace_report USING (true);
CREATE POLICY session_activity_system ON streamspace_data.session_activity TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.session_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_change_is_written ON streamspace_data.session_change FOR INSERT TO streamspace_definer WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_change_of_the_org ON streamspace_data.session_change FOR SELECT TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_change_report ON streamspace_data.session_change FOR SELECT TO streamspace_report USING (true);
CREATE POLICY session_change_system ON streamspace_data.session_change TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.session_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_event_is_written ON streamspace_data.session_event FOR INSERT TO streamspace_definer WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_event_of_the_org ON streamspace_data.session_event FOR SELECT TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_event_report ON streamspace_data.session_event FOR SELECT TO streamspace_report USING (true);
CREATE POLICY session_event_system ON streamspace_data.session_event TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY session_of_the_org ON streamspace_data.session TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_report ON streamspace_data.session FOR SELECT TO streamspace_report USING (true);
ALTER TABLE streamspace_data.session_schedule ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_schedule_of_the_org ON streamspace_data.session_schedule TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_schedule_report ON streamspace_data.session_schedule FOR SELECT TO streamspace_report USING (true);
CREATE POLICY session_schedule_system ON streamspace_data.session_schedule TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.session_share ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_share_of_the_org ON streamspace_data.session_share TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_share_report ON streamspace_data.session_share FOR SELECT TO streamspace_report USING (true);
CREATE POLICY session_share_system ON streamspace_data.session_share TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY session_system ON streamspace_data.session TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.session_tag ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_tag_of_the_org ON streamspace_data.session_tag TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY session_tag_report ON streamspace_data.session_tag FOR SELECT TO streamspace_report USING (true);
CREATE POLICY session_tag_system ON streamspace_data.session_tag TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.signal ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.signal_mark ENABLE ROW LEVEL SECURITY;
CREATE POLICY signal_mark_is_read ON streamspace_data.signal_mark FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY signal_mark_system ON streamspace_data.signal_mark TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY signal_of_the_org ON streamspace_data.signal FOR SELECT TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY signal_system ON streamspace_data.signal TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.template ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.template_copy ENABLE ROW LEVEL SECURITY;
CREATE POLICY template_copy_of_the_org ON streamspace_data.template_copy FOR SELECT TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY template_copy_report ON streamspace_data.template_copy FOR SELECT TO streamspace_report USING (true);
CREATE POLICY template_copy_system ON streamspace_data.template_copy TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.template_group ENABLE ROW LEVEL SECURITY;
CREATE POLICY template_group_of_the_org ON streamspace_data.template_group TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY template_group_report ON streamspace_data.template_group FOR SELECT TO streamspace_report USING (true);
CREATE POLICY template_group_system ON streamspace_data.template_group TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY template_of_the_org ON streamspace_data.template TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY template_report ON streamspace_data.template FOR SELECT TO streamspace_report USING (true);
ALTER TABLE streamspace_data.template_revision ENABLE ROW LEVEL SECURITY;
CREATE POLICY template_revision_of_the_org ON streamspace_data.template_revision TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY template_revision_report ON streamspace_data.template_revision FOR SELECT TO streamspace_report USING (true);
CREATE POLICY template_revision_system ON streamspace_data.template_revision TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY template_system ON streamspace_data.template TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.user_group ENABLE ROW LEVEL SECURITY;
CREATE POLICY user_group_of_the_org ON streamspace_data.user_group TO streamspace_definer USING ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif"))) WITH CHECK ((org_id = ( SELECT (NULLIF(current_setting('streamspace.org'::text, true), ''::text))::integer AS "nullif")));
CREATE POLICY user_group_report ON streamspace_data.user_group FOR SELECT TO streamspace_report USING (true);
CREATE POLICY user_group_system ON streamspace_data.user_group TO streamspace_system USING (true) WITH CHECK (true);
ALTER TABLE streamspace_data.viewer_ticket ENABLE ROW LEVEL SECURITY;
CREATE POLICY viewer_ticket_system ON streamspace_data.viewer_ticket TO streamspace_system USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA streamspace_data TO streamspace_definer;
GRANT USAGE ON SCHEMA streamspace_data TO streamspace_system;
GRANT USAGE ON SCHEMA streamspace_data TO streamspace_report;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.session TO streamspace_definer;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.session TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.session TO streamspace_report;
GRANT SELECT,INSERT ON TABLE streamspace_data.audit_log TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.audit_log TO streamspace_report;
GRANT SELECT ON TABLE streamspace_data.audit_log TO streamspace_definer;
GRANT SELECT,UPDATE ON TABLE streamspace_data.connection TO streamspace_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.connection TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.connection TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.policy TO streamspace_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.policy TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.policy TO streamspace_report;
GRANT SELECT ON TABLE streamspace_data.audit_seal TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.audit_seal TO streamspace_report;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.audit_seal TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent TO streamspace_definer;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.agent TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.agent_connection TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent_connection TO streamspace_report;
GRANT SELECT ON TABLE streamspace_data.agent_heartbeat TO streamspace_definer;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.agent_heartbeat TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent_heartbeat TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.agent_stream TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent_stream TO streamspace_report;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.pool TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.pool TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.pool_slot TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.pool_slot TO streamspace_report;
GRANT SELECT ON TABLE streamspace_data.org TO streamspace_definer;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.org TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.org TO streamspace_report;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.agent_command TO streamspace_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.agent_command TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent_command TO streamspace_report;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.app_user TO streamspace_definer;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.app_user TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.app_user TO streamspace_report;
GRANT SELECT ON TABLE streamspace_data.audit_horizon TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.audit_horizon TO streamspace_report;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.audit_horizon TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.installation TO streamspace_definer;
GRANT SELECT,UPDATE ON TABLE streamspace_data.installation TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.installation TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.home TO streamspace_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.home TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.home TO streamspace_report;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.home_location TO streamspace_definer;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.home_location TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.home_location TO streamspace_report;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.template TO streamspace_definer;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.template TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.template TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.agent_orphan TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent_orphan TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.user_group TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.user_group TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.user_group TO streamspace_report;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.agent_org TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.agent_org TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.agent_token TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.audit_mark TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.audit_mark TO streamspace_report;
GRANT SELECT,INSERT ON TABLE streamspace_data.audit_mark TO streamspace_system;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.cleanup_key TO streamspace_system;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.credential TO streamspace_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.credential TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.credential_use TO streamspace_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.credential_use TO streamspace_system;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.doorbell TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.error_code TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.error_code TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.error_code TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.group_member TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.group_member TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.group_member TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.login_address TO streamspace_system;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.login_attempt TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.permission TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.permission TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.permission TO streamspace_report;
GRANT INSERT ON TABLE streamspace_data.policy_review TO streamspace_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.policy_review TO streamspace_system;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.request TO streamspace_system;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.session_activity TO streamspace_definer;
GRANT SELECT,INSERT,UPDATE ON TABLE streamspace_data.session_activity TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.session_activity TO streamspace_report;
GRANT SELECT,INSERT ON TABLE streamspace_data.session_change TO streamspace_definer;
GRANT SELECT,INSERT ON TABLE streamspace_data.session_change TO streamspace_system;
GRANT SELECT,INSERT ON TABLE streamspace_data.session_event TO streamspace_definer;
GRANT SELECT,INSERT ON TABLE streamspace_data.session_event TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.session_event TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.session_schedule TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.session_schedule TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.session_schedule TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.session_share TO streamspace_definer;
GRANT SELECT,DELETE,UPDATE ON TABLE streamspace_data.session_share TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.session_share TO streamspace_report;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.session_tag TO streamspace_definer;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.session_tag TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.session_tag TO streamspace_report;
GRANT SELECT ON TABLE streamspace_data.session_transition TO streamspace_definer;
GRANT SELECT ON TABLE streamspace_data.session_transition TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.session_transition TO streamspace_report;
GRANT SELECT ON TABLE streamspace_data.signal TO streamspace_definer;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.signal TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.signal_mark TO streamspace_definer;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.signal_mark TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.template_copy TO streamspace_definer;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.template_copy TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.template_copy TO streamspace_report;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.template_group TO streamspace_definer;
GRANT SELECT,INSERT,DELETE ON TABLE streamspace_data.template_group TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.template_group TO streamspace_report;
GRANT SELECT,INSERT ON TABLE streamspace_data.template_revision TO streamspace_definer;
GRANT SELECT,INSERT ON TABLE streamspace_data.template_revision TO streamspace_system;
GRANT SELECT ON TABLE streamspace_data.template_revision TO streamspace_report;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE streamspace_data.viewer_ticket TO streamspace_system;
-- transitions
{"event": "create", "deadline": "00:10:00", "to_state": "pending", "from_state": "none", "on_deadline": "pending_expired"}
{"event": "failed_expired", "deadline": "00:10:00", "to_state": "terminating", "from_state": "failed", "on_deadline": "force_terminate"}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "failed", "on_deadline": null}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "hibernated", "on_deadline": null}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "hibernating", "on_deadline": null}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "pending", "on_deadline": null}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "running", "on_deadline": null}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "starting", "on_deadline": null}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "terminating", "on_deadline": null}
{"event": "force_terminate", "deadline": null, "to_state": "terminated", "from_state": "waking", "on_deadline": null}
{"event": "hibernate", "deadline": "00:10:00", "to_state": "hibernating", "from_state": "running", "on_deadline": "hibernate_timeout"}
{"event": "hibernate_timeout", "deadline": "24:00:00", "to_state": "failed", "from_state": "hibernating", "on_deadline": "failed_expired"}
{"event": "pending_expired", "deadline": "24:00:00", "to_state": "failed", "from_state": "pending", "on_deadline": "failed_expired"}
{"event": "place", "deadline": "00:10:00", "to_state": "starting", "from_state": "pending", "on_deadline": "start_timeout"}
{"event": "report_failed", "deadline": "24:00:00", "to_state": "failed", "from_state": "hibernated", "on_deadline": "failed_expired"}
{"event": "report_failed", "deadline": "24:00:00", "to_state": "failed", "from_state": "hibernating", "on_deadline": "failed_expired"}
{"event": "report_failed", "deadline": "24:00:00", "to_state": "failed", "from_state": "running", "on_deadline": "failed_expired"}
{"event": "report_failed", "deadline": "24:00:00", "to_state": "failed", "from_state": "starting", "on_deadline": "failed_expired"}
{"event": "report_failed", "deadline": "24:00:00", "to_state": "failed", "from_state": "waking", "on_deadline": "failed_expired"}
{"event": "report_hibernated", "deadline": null, "to_state": "hibernated", "from_state": "hibernating", "on_deadline": null}
{"event": "report_missing", "deadline": "00:10:00", "to_state": "starting", "from_state": "running", "on_deadline": "start_timeout"}
{"event": "report_running", "deadline": null, "to_state": "running", "from_state": "starting", "on_deadline": null}
{"event": "report_running", "deadline": null, "to_state": "running", "from_state": "waking", "on_deadline": null}
{"event": "report_terminated", "deadline": "24:00:00", "to_state": "failed", "from_state": "running", "on_deadline": "failed_expired"}
{"event": "report_terminated", "deadline": "24:00:00", "to_state": "failed", "from_state": "starting", "on_deadline": "failed_expired"}
{"event": "report_terminated", "deadline": "24:00:00", "to_state": "failed", "from_state": "waking", "on_deadline": "failed_expired"}
{"event": "report_terminated", "deadline": null, "to_state": "terminated", "from_state": "terminating", "on_deadline": null}
{"event": "retry", "deadline": "00:10:00", "to_state": "pending", "from_state": "failed", "on_deadline": "pending_expired"}
{"event": "start_timeout", "deadline": "24:00:00", "to_state": "failed", "from_state": "starting", "on_deadline": "failed_expired"}
{"event": "terminate", "deadline": "00:10:00", "to_state": "terminating", "from_state": "failed", "on_deadline": "force_terminate"}
{"event": "terminate", "deadline": "00:10:00", "to_state": "terminating", "from_state": "hibernated", "on_deadline": "force_terminate"}
{"event": "terminate", "deadline": "00:10:00", "to_state": "terminating", "from_state": "hibernating", "on_deadline": "force_terminate"}
{"event": "terminate", "deadline": "00:10:00", "to_state": "terminating", "from_state": "running", "on_deadline": "force_terminate"}
{"event": "terminate", "deadline": "00:10:00", "to_state": "terminating", "from_state": "starting", "on_deadline": "force_terminate"}
{"event": "terminate", "deadline": "00:10:00", "to_state": "terminating", "from_state": "waking", "on_deadline": "force_terminate"}
{"event": "terminate", "deadline": null, "to_state": "terminated", "from_state": "pending", "on_deadline": null}
{"event": "wake", "deadline": "00:10:00", "to_state": "waking", "from_state": "hibernated", "on_deadline": "wake_timeout"}
{"event": "wake_timeout", "deadline": "24:00:00", "to_state": "failed", "from_state": "waking", "on_deadline": "failed_expired"}
-- errors
SS101 unauthorized 401
SS102 invalid_credentials 401
SS103 actor_required 401
SS104 token_invalid 401
SS111 forbidden 403
SS112 approval_required 403
SS113 agent_rejected 403
SS121 session_not_found 404
SS122 template_not_found 404
SS123 user_not_found 404
SS124 org_not_found 404
SS125 agent_not_found 404
SS131 invalid_argument 422
SS132 owner_required 422
SS133 request_mismatch 422
SS141 quota_exceeded 409
SS142 invalid_transition 409
SS143 request_in_flight 409
SS144 secret_already_shown 409
SS145 already_exists 409
SS146 already_initialized 409
SS147 key_mismatch 409
SS148 agent_already_connected 409
SS149 revision_mismatch 412
SS161 rate_limited 429
SS162 scope_required 403
SS163 too_many_attempts 429
SS164 last_administrator 409
SS165 key_in_use 409
SS166 group_in_use 409
SS167 member_not_found 404
SS168 login_not_found 404
SS169 api_key_not_found 404
SS170 limit_reached 409
SS171 group_not_found 404
SS181 session_too_large 422
SS191 template_managed 409
SS201 policy_not_stricter 409
SS202 extension_too_long 409
SS203 schedule_not_found 404
SS204 session_not_running 409
SS211 share_not_found 404
SS212 home_not_found 404
SS213 home_in_use 409
SS214 home_not_removable 409
SS215 bulk_refused 409
SS221 history_not_kept 410
SS222 session_not_yet_there 404
SS231 ticket_invalid 403
SS232 viewer_unsupported 409
SS233 agent_unreachable 503
SS234 too_many_viewers 429
SS235 connection_not_found 404
SS236 stale_epoch 409
SS241 agent_token_not_found 404
SS901 invalid_json 400
SS902 invalid_utf8 400
SS903 duplicate_key 400
SS904 too_deep 400
SS905 unknown_field 422
SS906 wrong_type 422
SS907 missing_field 422
SS908 body_too_large 413
SS909 unsupported_media_type 415
SS910 route_not_found 404
SS911 method_not_allowed 405
SS912 upgrade_required 426
SS913 overloaded 503
SS914 database_unavailable 503
SS915 shutting_down 503
SS916 bad_request 400
SS917 unknown_parameter 422
SS918 deadline_exceeded 504
SS919 origin_refused 403
SS920 too_many_streams 429
SS999 internal 500
