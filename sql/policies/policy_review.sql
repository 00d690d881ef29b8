CREATE POLICY policy_review_is_asked ON streamspace_data.policy_review FOR INSERT TO streamspace_definer
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY policy_review_system ON streamspace_data.policy_review TO streamspace_system USING (true) WITH CHECK (true);
