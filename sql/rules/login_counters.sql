-- An account that knows the address (a log-in from there in the last 90 days) counts the failures from there alone; the
-- failures of the rest of the world count together, for the account and for the address. So a stranger can use up the
-- account's count for strangers, never the owner's. Unknown accounts are counted like existing ones, by name.
CREATE FUNCTION streamspace_rules.login_counters(p_org text, p_user text, p_address text,
	OUT step integer, OUT key bytea, OUT highest integer) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_network inet := streamspace_rules.login_network(p_address);
	v_account text := jsonb_build_array(coalesce(p_org, 'default'), p_user)::text;
	v_known boolean;
	v_installation record;
BEGIN
	SELECT i.login_attempts_per_account AS account, i.login_attempts_per_address AS address INTO STRICT v_installation
	FROM streamspace_data.installation AS i;
	v_known := EXISTS (SELECT FROM streamspace_data.login_address AS a
		JOIN streamspace_data.app_user AS u ON u.org_id = a.org_id AND u.user_id = a.user_id
		JOIN streamspace_data.org AS o ON o.org_id = u.org_id
		WHERE o.name = coalesce(p_org, 'default') AND u.name = p_user AND a.address = v_network
			AND a.last_login_at > streamspace_rules.now() - interval '90 days');
	IF v_known THEN
		RETURN QUERY VALUES (1, streamspace_rules.hash_token('known ' || v_network::text || ' ' || v_account), v_installation.account);
	ELSE
		RETURN QUERY VALUES
			(1, streamspace_rules.hash_token('address ' || coalesce(v_network::text, '')), v_installation.address),
			(2, streamspace_rules.hash_token('account ' || v_account), v_installation.account);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.login_counters IS
	'The counters of login_attempt that a log-in of this account from this address counts in, with their limits, in the order in which they are locked';
