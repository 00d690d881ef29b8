-- Every change that callers see raises the revision.
CREATE TRIGGER session_change_is_recorded AFTER UPDATE ON streamspace_data.session
FOR EACH ROW WHEN (OLD.revision IS DISTINCT FROM NEW.revision)
EXECUTE FUNCTION streamspace_rules.record_session_change();
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER session_change_is_recorded;
