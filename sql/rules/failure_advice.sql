CREATE FUNCTION streamspace_rules.failure_advice(p_reason text, OUT can_retry boolean, OUT next_step text)
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	can_retry := true;
	next_step := CASE
		WHEN p_reason IN ('no_capacity', 'no_agent_available', 'pending_expired', 'capacity_exhausted', 'Unschedulable', 'QuotaExceeded')
			THEN 'Retry it when an agent that fits has a free place; explain_placement says what is missing.'
		WHEN p_reason IN ('start_timeout', 'wake_timeout', 'hibernate_timeout', 'agent_offline')
			THEN 'See that its agent is connected, then retry it.'
		WHEN p_reason IN ('ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable')
			THEN 'See that the registry can be reached and has the image, then retry it.'
		WHEN p_reason = 'VolumePending'
			THEN 'See that the volume of its home can be bound (storage class, provisioner), then retry it.'
		WHEN p_reason IN ('NodeLost', 'DeletionByTaintManager', 'EvictionByEvictionAPI', 'PreemptionByScheduler', 'TerminationByKubelet', 'FailedCreate')
			THEN 'Retry it: it starts on another node, with its home.'
		WHEN p_reason = 'DesktopNotReady'
			THEN 'See that the image serves its desktop on the port that the template names, then retry it.'
		WHEN p_reason IN ('OOMKilled', 'Evicted')
			THEN 'Retry it; when it happens again, create it anew with more memory.'
		WHEN p_reason IN ('compute_ended', 'process_exited', 'command_failed', 'display_failed', 'CrashLoopBackOff', 'Succeeded', 'Failed', 'hibernate_failed')
			THEN 'Read the message and retry it; its home is kept.'
	END;
	IF p_reason IN ('InvalidImageName', 'ErrImageNeverPull', 'CreateContainerConfigError', 'CreateContainerError', 'template_invalid', 'invalid_argument') THEN
		can_retry := false;
		next_step := 'Correct the template and create a session of its new revision: this one would fail again.';
	ELSIF p_reason IN ('runtime_class_not_allowed', 'priority_class_not_allowed', 'pull_secret_not_allowed', 'node_selector_conflict') THEN
		can_retry := false;
		next_step := 'Let its agent allow what the message names, or correct the template and create a session of its new revision.';
	ELSIF p_reason = 'PodSecurityViolation' THEN
		can_retry := false;
		next_step := 'The namespace refuses its pods: see which Pod Security standard it enforces, then retry it by hand.';
	ELSIF p_reason IN ('command_not_found', 'window_manager_missing', 'sandbox_unavailable') THEN
		can_retry := false;
		next_step := 'Install on the host of the agent what the message names, then retry it by hand.';
	END IF;
	next_step := coalesce(next_step, 'Read reason and message, then retry it or terminate it.');
END
$$;
COMMENT ON FUNCTION streamspace_rules.failure_advice IS
	'Whether a failed session may succeed when it is only tried again, and what a person does next. can_retry false: first the cause must go, and nothing retries it by itself';
