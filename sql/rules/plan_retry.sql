CREATE FUNCTION streamspace_rules.plan_retry(p_session streamspace_data.session, p_reason text, OUT attempts integer, OUT retry_at timestamptz)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_retry jsonb;
	v_longest integer;
BEGIN
	SELECT r.spec -> 'retry' INTO v_retry FROM streamspace_data.template_revision AS r
	WHERE r.org_id = p_session.org_id AND r.template_id = p_session.template_id AND r.revision = p_session.template_revision;
	v_longest := coalesce((v_retry ->> 'maxBackoffSeconds')::numeric::integer, 300);
	attempts := CASE WHEN v_now - p_session.started_at >= greatest(v_longest * interval '1 second', interval '10 minutes')
		THEN 0 ELSE p_session.attempts END;
	-- Who was on the way to sleep shall not be started again by itself.
	IF p_session.state IN ('pending', 'starting', 'running', 'waking') AND attempts < coalesce((v_retry ->> 'attempts')::numeric::integer, 3)
		AND jsonb_typeof(v_retry) = 'object' AND (SELECT f.can_retry FROM streamspace_rules.failure_advice(p_reason) AS f)
	THEN
		retry_at := v_now + least(coalesce((v_retry ->> 'backoffSeconds')::numeric::integer, 10) * 2 ^ attempts, v_longest) * interval '1 second';
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.plan_retry IS
	'When a session that fails now is started again, by spec.retry of its template revision {attempts: 3, backoffSeconds: 10, maxBackoffSeconds: 300}: after backoffSeconds, doubled with every attempt, at most maxBackoffSeconds. A run of ten minutes and longer than maxBackoffSeconds sets attempts back to 0. retry_at NULL: not by itself';
