/*
 * rest_steps: the function behind every row of the route table. Each makes one call of the
 * database and passes its JSON on; see rest_step in route.h for threads and results.
 */
#ifndef STREAMSPACE_SERVER_REST_STEPS_H
#define STREAMSPACE_SERVER_REST_STEPS_H

#include "server/route.h"

rest_step rest_login, rest_logout, rest_get_me, rest_set_password, rest_change_password;
rest_step rest_put_org, rest_get_org, rest_list_orgs;
rest_step rest_put_group, rest_get_group, rest_list_groups, rest_delete_group;
rest_step rest_list_group_members, rest_add_group_member, rest_remove_group_member;
rest_step rest_list_logins, rest_revoke_login;
rest_step rest_create_api_key, rest_list_api_keys, rest_revoke_api_key;
rest_step rest_get_settings, rest_put_settings;
rest_step rest_create_session, rest_list_sessions, rest_get_session;
rest_step rest_hibernate_session, rest_wake_session, rest_terminate_session;
rest_step rest_retry_session, rest_extend_session, rest_report_activity, rest_session_outlook;
rest_step rest_put_schedule, rest_get_schedule, rest_delete_schedule, rest_list_schedules;
rest_step rest_put_session_policy, rest_get_session_policy, rest_list_policies;
rest_step rest_put_org_policy, rest_get_org_policy, rest_put_group_policy, rest_get_group_policy;
rest_step rest_put_user_policy, rest_get_user_policy;
rest_step rest_put_template_policy, rest_get_template_policy;
rest_step rest_create_home, rest_get_home, rest_list_homes, rest_update_home, rest_delete_home;
rest_step rest_change_sessions;
rest_step rest_update_session, rest_share_session, rest_revoke_share, rest_list_shares;
rest_step rest_list_quotas, rest_get_org_quota, rest_put_org_quota;
rest_step rest_get_default_quota, rest_put_default_quota;
rest_step rest_get_group_quota, rest_put_group_quota, rest_get_user_quota, rest_put_user_quota;
rest_step rest_explain_placement, rest_get_placement, rest_list_stuck;
rest_step rest_get_agent, rest_set_agent;
rest_step rest_put_template, rest_get_template, rest_list_templates;
rest_step rest_delete_template, rest_list_template_revisions;
rest_step rest_get_template_access, rest_set_template_access, rest_publish_template;
rest_step rest_create_user, rest_get_user, rest_update_user, rest_list_users, rest_reset_password;
rest_step rest_register_agent, rest_list_agents, rest_approve_agent, rest_reject_agent;
rest_step rest_collect_agent_objects, rest_set_cleanup_key;
rest_step rest_collect_agent_viewers;
rest_step rest_create_agent_token, rest_list_agent_tokens, rest_revoke_agent_token;
rest_step rest_livez, rest_readyz, rest_metrics, rest_get_openapi, rest_get_config;
rest_step rest_list_audit, rest_list_audit_heads, rest_verify_audit;
rest_step rest_read_events;
rest_step rest_list_session_events, rest_session_as_of;
rest_step rest_create_viewer_ticket, rest_list_connections, rest_close_connection;

/*
 * Ends a step: rc and json are what a db_ function left; json becomes the answer, with the
 * route's status (200 on a dry run), and its revision the ETag.
 */
rest_next rest_pass(rest_request *request, int rc, char *json, ss_error *err);

/* The same for a session that was created: with its Location. */
rest_next rest_created_session(rest_request *request, int rc, char *json, ss_error *err);

/* Makes the answer a 304 when the client's If-None-Match names its ETag. */
void rest_not_modified(rest_request *request);

#endif
