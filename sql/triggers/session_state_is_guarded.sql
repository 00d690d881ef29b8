CREATE TRIGGER session_state_is_guarded AFTER UPDATE ON streamspace_data.session
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
EXECUTE FUNCTION streamspace_rules.guard_session_state();
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER session_state_is_guarded;
