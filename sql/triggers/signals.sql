-- What a stream of events tells of: every change of a session that callers see (each raises the revision), who it is shared
-- with, and what a user may do.
CREATE TRIGGER session_birth_is_signalled AFTER INSERT ON streamspace_data.session
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.signal_session();
CREATE TRIGGER session_change_is_signalled AFTER UPDATE ON streamspace_data.session
FOR EACH ROW WHEN (OLD.revision IS DISTINCT FROM NEW.revision)
EXECUTE FUNCTION streamspace_rules.signal_session();
CREATE TRIGGER session_share_is_signalled AFTER INSERT OR UPDATE OR DELETE ON streamspace_data.session_share
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.signal_share();
CREATE TRIGGER group_member_is_signalled AFTER INSERT OR DELETE ON streamspace_data.group_member
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.signal_user('access');
CREATE TRIGGER app_user_role_is_signalled AFTER UPDATE ON streamspace_data.app_user
FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role)
EXECUTE FUNCTION streamspace_rules.signal_user('access');
CREATE TRIGGER app_user_end_is_signalled AFTER UPDATE ON streamspace_data.app_user
FOR EACH ROW WHEN (OLD.active AND NOT NEW.active)
EXECUTE FUNCTION streamspace_rules.signal_user('credential');
CREATE TRIGGER credential_end_is_signalled AFTER UPDATE ON streamspace_data.credential
FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL AND NEW.kind IN ('login', 'api_key'))
EXECUTE FUNCTION streamspace_rules.signal_user('credential');
