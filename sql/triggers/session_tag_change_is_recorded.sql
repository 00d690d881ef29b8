CREATE TRIGGER session_tag_change_is_recorded AFTER INSERT OR DELETE ON streamspace_data.session_tag
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.record_tag_change();
ALTER TABLE streamspace_data.session_tag ENABLE ALWAYS TRIGGER session_tag_change_is_recorded;
