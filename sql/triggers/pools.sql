CREATE TRIGGER org_has_a_pool AFTER INSERT ON streamspace_data.org
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
CREATE TRIGGER app_user_has_a_pool AFTER INSERT ON streamspace_data.app_user
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
CREATE TRIGGER user_group_has_a_pool AFTER INSERT ON streamspace_data.user_group
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
CREATE TRIGGER agent_has_a_pool AFTER INSERT ON streamspace_data.agent
FOR EACH ROW EXECUTE FUNCTION streamspace_rules.make_pool();
CREATE TRIGGER agent_capacity_is_its_pool AFTER UPDATE ON streamspace_data.agent
FOR EACH ROW WHEN ((OLD.max_sessions, OLD.limit_sessions, OLD.limit_millicores, OLD.limit_memory_mib)
	IS DISTINCT FROM (NEW.max_sessions, NEW.limit_sessions, NEW.limit_millicores, NEW.limit_memory_mib))
EXECUTE FUNCTION streamspace_rules.resize_agent_pool();
