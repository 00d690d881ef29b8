CREATE FUNCTION streamspace_rules.epoch_is_current(p_agent text, p_epoch bigint) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent AND a.last_epoch = p_epoch AND a.approval = 'approved');
END
$$;
COMMENT ON FUNCTION streamspace_rules.epoch_is_current IS 'Whether no later connection of the agent has been admitted; the fence of every report';
