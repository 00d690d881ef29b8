-- Rights on tables and schemas. Nobody outside gets a table; definer and system get what their functions need.
GRANT USAGE ON SCHEMA streamspace TO streamspace_api, streamspace_dba, streamspace_monitor,
	streamspace_definer, streamspace_system, streamspace_report;
GRANT USAGE ON SCHEMA streamspace_rules TO streamspace_definer, streamspace_system, streamspace_owner;
GRANT USAGE ON SCHEMA streamspace_data TO streamspace_definer, streamspace_system, streamspace_report;

REVOKE ALL ON ALL TABLES IN SCHEMA streamspace_data FROM streamspace_definer, streamspace_system, streamspace_report,
	streamspace_api, streamspace_dba, streamspace_monitor;

GRANT SELECT ON streamspace_data.error_code, streamspace_data.permission, streamspace_data.session_transition, streamspace_data.installation,
	streamspace_data.org, streamspace_data.agent, streamspace_data.agent_heartbeat
	TO streamspace_definer;
GRANT SELECT, INSERT ON streamspace_data.template_revision, streamspace_data.session_event TO streamspace_definer;
GRANT SELECT ON streamspace_data.credential_use TO streamspace_definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.user_group, streamspace_data.group_member TO streamspace_definer;
GRANT SELECT ON streamspace_data.template_copy TO streamspace_definer;
GRANT SELECT, INSERT, DELETE ON streamspace_data.template_group TO streamspace_definer;
GRANT SELECT, INSERT, DELETE ON streamspace_data.template_copy, streamspace_data.template_group TO streamspace_system;
GRANT SELECT ON streamspace_data.template_copy, streamspace_data.template_group TO streamspace_report;
GRANT SELECT, INSERT, UPDATE ON streamspace_data.app_user, streamspace_data.credential, streamspace_data.template, streamspace_data.session, streamspace_data.agent_command
	TO streamspace_definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.home TO streamspace_definer;
GRANT SELECT, INSERT, DELETE ON streamspace_data.home_location, streamspace_data.session_tag TO streamspace_definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.session_share TO streamspace_definer;

GRANT SELECT, INSERT, UPDATE ON streamspace_data.session_activity TO streamspace_definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.policy, streamspace_data.session_schedule TO streamspace_definer;
GRANT INSERT ON streamspace_data.policy_review TO streamspace_definer;

GRANT SELECT ON streamspace_data.error_code, streamspace_data.permission, streamspace_data.session_transition TO streamspace_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.home TO streamspace_system;
GRANT SELECT, INSERT, DELETE ON streamspace_data.home_location TO streamspace_system;
GRANT SELECT, UPDATE, DELETE ON streamspace_data.session_share TO streamspace_system;
GRANT SELECT, INSERT, DELETE ON streamspace_data.session_tag TO streamspace_system;
GRANT SELECT ON streamspace_data.session_schedule TO streamspace_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.policy TO streamspace_system;
GRANT SELECT, INSERT, UPDATE ON streamspace_data.session_activity TO streamspace_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.policy_review TO streamspace_system;
GRANT SELECT, UPDATE ON streamspace_data.installation TO streamspace_system;
GRANT SELECT, INSERT ON streamspace_data.session_event, streamspace_data.audit_log, streamspace_data.template_revision TO streamspace_system;
GRANT SELECT, INSERT, UPDATE ON streamspace_data.org, streamspace_data.app_user, streamspace_data.agent, streamspace_data.agent_heartbeat,
	streamspace_data.session, streamspace_data.template TO streamspace_system;
GRANT SELECT ON streamspace_data.user_group, streamspace_data.group_member TO streamspace_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.credential_use, streamspace_data.login_attempt,
	streamspace_data.login_address TO streamspace_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.credential, streamspace_data.agent_connection,
	streamspace_data.agent_command, streamspace_data.agent_orphan, streamspace_data.request, streamspace_data.doorbell TO streamspace_system;

GRANT SELECT ON streamspace_data.error_code, streamspace_data.permission, streamspace_data.session_transition, streamspace_data.installation,
	streamspace_data.org, streamspace_data.app_user, streamspace_data.user_group, streamspace_data.group_member,
	streamspace_data.template, streamspace_data.template_revision, streamspace_data.agent, streamspace_data.agent_connection,
	streamspace_data.agent_heartbeat, streamspace_data.session, streamspace_data.agent_command,
	streamspace_data.agent_orphan, streamspace_data.session_event, streamspace_data.audit_log,
	streamspace_data.home, streamspace_data.home_location, streamspace_data.session_tag, streamspace_data.session_share,
	streamspace_data.policy, streamspace_data.session_activity, streamspace_data.session_schedule
	TO streamspace_report;

GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.agent_token TO streamspace_system;

-- viewers
GRANT SELECT, UPDATE ON streamspace_data.connection TO streamspace_definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.connection, streamspace_data.viewer_ticket, streamspace_data.agent_stream TO streamspace_system;
GRANT SELECT ON streamspace_data.connection, streamspace_data.agent_stream TO streamspace_report;

-- cleanup
GRANT SELECT, INSERT, UPDATE ON streamspace_data.cleanup_key TO streamspace_system;

-- history
GRANT SELECT ON streamspace_data.audit_log, streamspace_data.audit_seal, streamspace_data.audit_mark, streamspace_data.audit_horizon
	TO streamspace_definer, streamspace_report;
GRANT SELECT, INSERT ON streamspace_data.session_change TO streamspace_definer, streamspace_system;
GRANT SELECT, INSERT, UPDATE ON streamspace_data.audit_horizon TO streamspace_system;
GRANT SELECT, INSERT, DELETE ON streamspace_data.audit_seal TO streamspace_system;
GRANT SELECT, INSERT ON streamspace_data.audit_mark TO streamspace_system;
GRANT SELECT, UPDATE, INSERT ON streamspace_data.pool TO streamspace_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON streamspace_data.pool_slot TO streamspace_system;
GRANT SELECT, INSERT, DELETE ON streamspace_data.agent_org TO streamspace_system;
GRANT SELECT ON streamspace_data.pool, streamspace_data.pool_slot, streamspace_data.agent_org TO streamspace_report;

-- streams of events
GRANT SELECT ON streamspace_data.signal, streamspace_data.signal_mark TO streamspace_definer;
GRANT SELECT, INSERT, DELETE ON streamspace_data.signal, streamspace_data.signal_mark TO streamspace_system;

GRANT SET ON PARAMETER streamspace.org TO streamspace_definer, streamspace_system;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system(), pg_catalog.pg_control_checkpoint() TO streamspace_system;
