-- What session_json() shows stands here: a column that is missing would change under the same ETag.
CREATE TRIGGER session_revision_counts BEFORE UPDATE ON streamspace_data.session
FOR EACH ROW WHEN ((OLD.state, OLD.state_at, OLD.desired_state, OLD.observed_state, OLD.platform, OLD.agent_id, OLD.reason, OLD.message,
		OLD.progress, OLD.deadline_at, OLD.user_id, OLD.template_revision, OLD.parameters, OLD.name, OLD.notes, OLD.home_id,
		OLD.warning, OLD.attempts, OLD.retry_at)
	IS DISTINCT FROM (NEW.state, NEW.state_at, NEW.desired_state, NEW.observed_state, NEW.platform, NEW.agent_id, NEW.reason, NEW.message,
		NEW.progress, NEW.deadline_at, NEW.user_id, NEW.template_revision, NEW.parameters, NEW.name, NEW.notes, NEW.home_id,
		NEW.warning, NEW.attempts, NEW.retry_at))
EXECUTE FUNCTION streamspace_rules.count_session_revision();
