-- Only the sweep judges by policies, and one sweep at a time: who begins to run before it has looked here is judged after.
CREATE FUNCTION streamspace_rules.sweep_reviews(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_review streamspace_data.policy_review;
	v_ids text[];
	v_times timestamptz[];
	v_locked text[];
	v_left integer := p_limit;
	v_asked integer := 0;
BEGIN
	FOR v_review IN SELECT r.* FROM streamspace_data.policy_review AS r ORDER BY r.review_id LIMIT 100 LOOP
		EXIT WHEN v_left <= 0;
		v_ids := '{}';
		IF NOT v_review.scanned THEN
			SELECT coalesce(array_agg(x.session_id), '{}'), array_agg(x.created_at) INTO v_ids, v_times
			FROM (SELECT s.session_id, s.created_at FROM streamspace_data.session AS s
				WHERE s.org_id = v_review.org_id AND s.state = 'running' AND (s.created_at, s.session_id) < (v_review.after_at, v_review.after_id)
					AND (v_review.user_id IS NULL OR s.user_id = v_review.user_id)
					AND (v_review.template_id IS NULL OR s.template_id = v_review.template_id)
				ORDER BY s.created_at DESC, s.session_id DESC LIMIT v_left) AS x;
			v_review.scanned := cardinality(v_ids) < v_left;
			IF cardinality(v_ids) > 0 THEN
				v_review.after_at := v_times[cardinality(v_ids)];
				v_review.after_id := v_ids[cardinality(v_ids)];
			END IF;
		END IF;
		v_left := v_left - cardinality(v_ids);
		v_ids := v_review.missed || v_ids;
		SELECT coalesce(array_agg(x.session_id), '{}') INTO v_locked FROM (SELECT s.session_id FROM streamspace_data.session AS s
			WHERE s.session_id = ANY (v_ids) ORDER BY s.session_id FOR NO KEY UPDATE SKIP LOCKED) AS x;
		UPDATE streamspace_data.session AS s SET check_at = v_now WHERE s.session_id = ANY (v_locked) AND s.state = 'running';
		v_asked := v_asked + cardinality(v_locked);
		v_review.missed := ARRAY(SELECT u.id FROM unnest(v_ids) AS u (id) WHERE u.id <> ALL (v_locked));
		IF v_review.scanned AND cardinality(v_review.missed) = 0 THEN
			DELETE FROM streamspace_data.policy_review AS r WHERE r.review_id = v_review.review_id;
		ELSE
			UPDATE streamspace_data.policy_review AS r SET after_at = v_review.after_at, after_id = v_review.after_id,
				scanned = v_review.scanned, missed = v_review.missed
			WHERE r.review_id = v_review.review_id;
		END IF;
	END LOOP;
	RETURN v_asked;
END
$$;
COMMENT ON FUNCTION streamspace_rules.sweep_reviews IS
	'After a change of a policy: running sessions that it concerns are to be checked now, at most p_limit of them; who is held by somebody else is asked again. Returns how many were asked';
