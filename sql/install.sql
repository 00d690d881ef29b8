-- Installs all code of the schemas streamspace and streamspace_rules, with triggers, policies and rights, as a whole:
--   psql -X -v ON_ERROR_STOP=1 -f sql/install.sql
-- as a superuser, after sqitch deploy. What is not in this list is gone afterwards. One transaction, one installer at a
-- time; it waits at most 10 s for a lock and can be repeated.
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '10s';
SET LOCAL search_path = pg_catalog, pg_temp;
DO $do$ BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(7402, 0); END $do$;

\ir drop_code.sql
\ir grants.sql
SET LOCAL ROLE streamspace_owner;
\ir error_codes.sql
\ir permissions.sql
RESET ROLE;
GRANT CREATE ON SCHEMA streamspace, streamspace_rules TO streamspace_definer, streamspace_system, streamspace_report;

-- rules: helpers that run with the rights of the function that calls them
SET LOCAL ROLE streamspace_definer;
\ir rules/admit_sessions.sql
\ir rules/agent_json.sql
\ir rules/agent_silence.sql
\ir rules/apply_event.sql
\ir rules/audit_leaf.sql
\ir rules/ask_review.sql
\ir rules/batch_result.sql
\ir rules/change_session.sql
\ir rules/check_array.sql
\ir rules/check_authority.sql
\ir rules/check_boolean.sql
\ir rules/check_display_name.sql
\ir rules/check_hash.sql
\ir rules/check_home_access.sql
\ir rules/check_home_bounds.sql
\ir rules/check_home_name.sql
\ir rules/check_integer.sql
\ir rules/check_items.sql
\ir rules/check_keys.sql
\ir rules/check_limit.sql
\ir rules/check_name.sql
\ir rules/check_parameter_value.sql
\ir rules/check_parameters.sql
\ir rules/check_password_hash.sql
\ir rules/check_pattern.sql
\ir rules/check_range.sql
\ir rules/check_revision.sql
\ir rules/check_role.sql
\ir rules/check_session_access.sql
\ir rules/check_template_access.sql
\ir rules/check_template_parameters.sql
\ir rules/check_template_policy.sql
\ir rules/check_template_resources.sql
\ir rules/check_labels.sql
\ir rules/check_tag.sql
\ir rules/check_settings.sql
\ir rules/check_sealed_rows.sql
\ir rules/check_own_policy.sql
\ir rules/check_policy.sql
\ir rules/check_schedule.sql
\ir rules/check_session_times.sql
\ir rules/check_template_spec.sql
\ir rules/check_text.sql
\ir rules/check_texts.sql
\ir rules/choose_resources.sql
\ir rules/complete_command.sql
\ir rules/count_session_revision.sql
\ir rules/credential_json.sql
\ir rules/check_unsealed_rows.sql
\ir rules/decode_cursor.sql
\ir rules/draft_session.sql
\ir rules/duration_seconds.sql
\ir rules/effective_policy.sql
\ir rules/encode_cursor.sql
\ir rules/end_credentials.sql
\ir rules/detach_home.sql
\ir rules/epoch_is_current.sql
\ir rules/expire_homes.sql
\ir rules/give_home_back.sql
\ir rules/error_json.sql
\ir rules/find_request.sql
\ir rules/find_template.sql
\ir rules/find_group.sql
\ir rules/find_user.sql
\ir rules/group_json.sql
\ir rules/failure_advice.sql
\ir rules/find_policy_object.sql
\ir rules/guard_session_state.sql
\ir rules/hash_token.sql
\ir rules/home_agent.sql
\ir rules/home_json.sql
\ir rules/home_state.sql
\ir rules/hide_template.sql
\ir rules/enter_audit.sql
\ir rules/first_hash.sql
\ir rules/head_text.sql
\ir rules/invalid.sql
\ir rules/is_dba.sql
\ir rules/is_stricter.sql
\ir rules/issue_password_token.sql
\ir rules/json_bigint.sql
\ir rules/lock_template.sql
\ir rules/label_session.sql
\ir rules/login_network.sql
\ir rules/lock_session.sql
\ir rules/make_home.sql
\ir rules/new_id.sql
\ir rules/new_org.sql
\ir rules/new_token.sql
\ir rules/new_user.sql
\ir rules/next_step.sql
\ir rules/note_session.sql
\ir rules/now.sql
\ir rules/observe_session.sql
\ir rules/org_json.sql
\ir rules/place_home.sql
\ir rules/quantity.sql
\ir rules/outlook_json.sql
\ir rules/plan_retry.sql
\ir rules/policy_json.sql
\ir rules/queue_session_command.sql
\ir rules/purge_shares.sql
\ir rules/queue_home_removal.sql
\ir rules/remove_home.sql
\ir rules/raise_refusal.sql
\ir rules/record_session_change.sql
\ir rules/record_tag_change.sql
\ir rules/refusal.sql
\ir rules/release.sql
\ir rules/report_details.sql
\ir rules/seal_hash.sql
\ir rules/review_session.sql
\ir rules/schedule_instant.sql
\ir rules/schedule_json.sql
\ir rules/schedule_moments.sql
\ir rules/session_action.sql
\ir rules/session_environment.sql
\ir rules/session_json.sql
\ir rules/session_payload.sql
\ir rules/session_request.sql
\ir rules/session_tags.sql
\ir rules/set_org.sql
\ir rules/settings_json.sql
\ir rules/settle_debt.sql
\ir rules/settle_home.sql
\ir rules/take_home.sql
\ir rules/share_json.sql
\ir rules/session_plan.sql
\ir rules/session_policy_json.sql
\ir rules/set_session_times.sql
\ir rules/stop_message.sql
\ir rules/sweep_reviews.sql
\ir rules/sweep_timers.sql
\ir rules/take_quota.sql
\ir rules/template_json.sql
\ir rules/template_manifest.sql
\ir rules/template_platforms.sql
\ir rules/template_resources.sql
\ir rules/user_json.sql
\ir rules/write_revision.sql
\ir rules/write_policy.sql

-- rules that cross organisations
SET LOCAL ROLE streamspace_system;
\ir rules/find_actor.sql
\ir rules/enter.sql
\ir rules/enter_platform.sql
\ir rules/look_up_request.sql
\ir rules/keep_administrator.sql
\ir rules/find_credential.sql
\ir rules/login_counters.sql
\ir rules/count_attempt.sql
\ir rules/forgive_attempt.sql
\ir rules/forget_attempts.sql
\ir rules/know_address.sql
\ir rules/purge_accounts.sql
\ir rules/finish_call.sql
\ir rules/write_audit.sql
\ir rules/generation.sql
\ir rules/check_mark.sql
\ir rules/marks_digest.sql
\ir rules/mark_drop.sql
\ir rules/record_direct_dml.sql
\ir rules/place_session.sql
\ir rules/org_of_home.sql
\ir rules/free_places.sql
\ir rules/ring.sql
\ir rules/queue_template_command.sql
\ir rules/access_json.sql
\ir rules/copy_template.sql
\ir rules/set_template_copies.sql
\ir rules/find_agent_key.sql
\ir rules/set_agent_key.sql
\ir rules/replace_bootstrap_key.sql
\ir rules/raise_generation.sql
\ir rules/place_pending.sql
\ir rules/explain_pending.sql

-- rules about tables themselves
SET LOCAL ROLE streamspace_owner;
\ir rules/watch_table.sql
\ir rules/make_partitions.sql
\ir rules/drop_partitions.sql
RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA streamspace_rules FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA streamspace_rules TO streamspace_definer, streamspace_system, streamspace_owner;

-- what anyone outside may call
SET LOCAL ROLE streamspace_definer;
\ir functions/add_group_member.sql
\ir functions/create_api_key.sql
\ir functions/create_session.sql
\ir functions/create_user.sql
\ir functions/delete_template.sql
\ir functions/delete_group.sql
\ir functions/get_group.sql
\ir functions/get_me.sql
\ir functions/get_org.sql
\ir functions/get_home.sql
\ir functions/list_homes.sql
\ir functions/create_home.sql
\ir functions/update_home.sql
\ir functions/delete_home.sql
\ir functions/get_session.sql
\ir functions/get_settings.sql
\ir functions/delete_schedule.sql
\ir functions/extend_session.sql
\ir functions/get_policy.sql
\ir functions/get_schedule.sql
\ir functions/get_session_policy.sql
\ir functions/get_template.sql
\ir functions/get_template_access.sql
\ir functions/get_user.sql
\ir functions/hibernate_session.sql
\ir functions/list_agents.sql
\ir functions/list_api_keys.sql
\ir functions/list_error_codes.sql
\ir functions/list_group_members.sql
\ir functions/list_groups.sql
\ir functions/list_logins.sql
\ir functions/list_audit.sql
\ir functions/list_audit_heads.sql
\ir functions/list_session_events.sql
\ir functions/list_policies.sql
\ir functions/list_schedules.sql
\ir functions/list_sessions.sql
\ir functions/list_template_revisions.sql
\ir functions/list_shares.sql
\ir functions/list_templates.sql
\ir functions/list_users.sql
\ir functions/log_out.sql
\ir functions/publish_template.sql
\ir functions/put_group.sql
\ir functions/put_template.sql
\ir functions/remove_group_member.sql
\ir functions/reset_password.sql
\ir functions/revoke_share.sql
\ir functions/schema_version.sql
\ir functions/set_template_access.sql
\ir functions/share_session.sql
\ir functions/put_policy.sql
\ir functions/put_schedule.sql
\ir functions/put_session_policy.sql
\ir functions/report_activity.sql
\ir functions/retry_session.sql
\ir functions/session_outlook.sql
\ir functions/terminate_session.sql
\ir functions/update_session.sql
\ir functions/update_user.sql
\ir functions/session_as_of.sql
\ir functions/verify_audit.sql
\ir functions/wake_session.sql

-- the few that cross organisations; system_functions.txt lists them
SET LOCAL ROLE streamspace_system;
\ir functions/initialize.sql
\ir functions/set_bootstrap_key.sql
\ir functions/login_challenge.sql
\ir functions/complete_login.sql
\ir functions/set_password.sql
\ir functions/check_password_token.sql
\ir functions/password_challenge.sql
\ir functions/change_password.sql
\ir functions/record_credential_uses.sql
\ir functions/revoke_login.sql
\ir functions/revoke_api_key.sql
\ir functions/put_settings.sql
\ir functions/put_org.sql
\ir functions/list_orgs.sql
\ir functions/register_agent.sql
\ir functions/after_restore.sql
\ir functions/approve_agent.sql
\ir functions/reject_agent.sql
\ir functions/connect_agent.sql
\ir functions/disconnect_agent.sql
\ir functions/claim_commands.sql
\ir functions/find_waiting_agents.sql
\ir functions/set_doorbell.sql
\ir functions/take_horizon.sql
\ir functions/acknowledge_commands.sql
\ir functions/complete_commands.sql
\ir functions/observe_sessions.sql
\ir functions/report_progress.sql
\ir functions/record_activity.sql
\ir functions/record_heartbeats.sql
\ir functions/record_inventory.sql
\ir functions/create_sessions.sql
\ir functions/tick.sql
\ir functions/seal_audit.sql
\ir functions/get_metrics.sql

-- views of operators
SET LOCAL ROLE streamspace_report;
\ir views/v_agents.sql
\ir views/v_audit.sql
\ir views/v_commands.sql
\ir views/v_health.sql
\ir views/v_homes.sql
\ir views/v_orphans.sql
\ir views/v_sessions.sql
\ir views/v_stuck.sql

SET LOCAL ROLE streamspace_owner;
\ir triggers/direct_dml_is_recorded.sql
\ir triggers/session_begins_in_first_state.sql
\ir triggers/session_change_is_recorded.sql
\ir triggers/session_tag_change_is_recorded.sql
\ir triggers/session_revision_counts.sql
\ir triggers/session_state_is_guarded.sql
\ir policies/agent.sql
\ir policies/agent_command.sql
\ir policies/agent_connection.sql
\ir policies/agent_heartbeat.sql
\ir policies/agent_load.sql
\ir policies/agent_orphan.sql
\ir policies/app_user.sql
\ir policies/audit_horizon.sql
\ir policies/audit_log.sql
\ir policies/audit_mark.sql
\ir policies/audit_seal.sql
\ir policies/credential.sql
\ir policies/doorbell.sql
\ir policies/home.sql
\ir policies/home_location.sql
\ir policies/credential_use.sql
\ir policies/group_member.sql
\ir policies/installation.sql
\ir policies/login_address.sql
\ir policies/login_attempt.sql
\ir policies/org.sql
\ir policies/policy.sql
\ir policies/policy_review.sql
\ir policies/request.sql
\ir policies/session.sql
\ir policies/session_change.sql
\ir policies/session_event.sql
\ir policies/session_share.sql
\ir policies/session_tag.sql
\ir policies/session_activity.sql
\ir policies/session_schedule.sql
\ir policies/template.sql
\ir policies/template_copy.sql
\ir policies/template_group.sql
\ir policies/template_revision.sql
\ir policies/usage_org.sql
\ir policies/usage_user.sql
\ir policies/user_group.sql

RESET ROLE;
REVOKE CREATE ON SCHEMA streamspace, streamspace_rules FROM streamspace_definer, streamspace_system, streamspace_report;
COMMIT;
