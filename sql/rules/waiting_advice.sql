-- What keeps a pod from starting, and may go away by itself or with somebody's help while the session waits.
CREATE FUNCTION streamspace_rules.waiting_advice(p_reason text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN CASE
		WHEN p_reason = 'Unschedulable' THEN 'It starts as soon as a node has room; the message says what each node lacks.'
		WHEN p_reason = 'QuotaExceeded' THEN 'It starts as soon as the quota of the namespace has room: end other sessions, or have it raised.'
		WHEN p_reason = 'VolumePending' THEN 'It starts as soon as the volume of its home is bound: see the storage class and its provisioner.'
		WHEN p_reason IN ('ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable')
			THEN 'It starts as soon as the registry can be reached and has the image; the pull secret of the agent must fit.'
		WHEN p_reason IN ('NodeLost', 'DeletionByTaintManager', 'EvictionByEvictionAPI', 'PreemptionByScheduler', 'TerminationByKubelet', 'Evicted')
			THEN 'It comes back on another node, with its home.'
		WHEN p_reason = 'DesktopNotReady' THEN 'It waits for the desktop to answer; when it stays so, the image serves nothing on the port of its template.'
		WHEN p_reason IN ('CrashLoopBackOff', 'OOMKilled', 'CreateContainerError', 'RunContainerError', 'FailedCreate')
			THEN 'It is tried again; when it stays so, read the message.'
	END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.waiting_advice IS 'What becomes of a session that starts or wakes, and is kept from it for this reason; NULL where nothing is needed';
