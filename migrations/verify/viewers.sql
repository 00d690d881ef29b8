-- Verify streamspace:viewers on pg
BEGIN;
SELECT viewers_per_session, viewer_tickets_per_user, connection_retention FROM streamspace_data.installation WHERE false;
SELECT ticket_hash, org_id, session_id, user_org_id, user_id, credential_id, viewer, mode, created_at, expires_at
	FROM streamspace_data.viewer_ticket WHERE false;
SELECT org_id, connection_id, session_id, owner_id, user_org_id, user_id, credential_id, viewer, mode, agent_id, run_at, replica, address,
	relay_hash, relay_replica, relay_until, opened_at, reviewed_at, last_input_at, received, sent, closed_at, reason, closed_by, revision
	FROM streamspace_data.connection WHERE false;
SELECT agent_id, stream_id, epoch, replica, address, connected_at FROM streamspace_data.agent_stream WHERE false;
ROLLBACK;
