CREATE TRIGGER session_begins_in_first_state AFTER INSERT ON streamspace_data.session
FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM 'pending')
EXECUTE FUNCTION streamspace_rules.guard_session_state();
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER session_begins_in_first_state;
