CREATE TRIGGER session_leaves_its_agent AFTER UPDATE ON streamspace_data.session
FOR EACH ROW WHEN (OLD.agent_id IS NOT NULL AND OLD.agent_id IS DISTINCT FROM NEW.agent_id)
EXECUTE FUNCTION streamspace_rules.leave_agent();
