-- A NOTIFY makes the commit take a lock on the whole database and so ends group commit: it is sent only to a server that sleeps.
-- No wake-up is lost because (1) the caller has its transaction id before the flag is read, (2) the flag is read in a statement
-- of its own, which sees every commit before it, and (3) a server that has said that it sleeps goes on polling until every
-- transaction that had an id by then has ended (take_horizon, find_waiting_agents; src/server/doorbell.c; tests/model/doorbell.pml).
CREATE FUNCTION streamspace_rules.ring(p_agent text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_awake boolean := false;
BEGIN
	PERFORM pg_current_xact_id();
	-- Above READ COMMITTED the statement would see the flag as it was when the transaction began.
	IF current_setting('transaction_isolation') = 'read committed' THEN
		BEGIN
			SELECT d.awake_until > clock_timestamp() INTO v_awake
			FROM streamspace_data.agent_connection AS n
			JOIN streamspace_data.doorbell AS d ON d.replica = n.replica
			WHERE n.agent_id = p_agent AND n.disconnected_at IS NULL;
		EXCEPTION WHEN OTHERS THEN
			v_awake := false;
		END;
	END IF;
	IF v_awake IS NOT TRUE THEN
		PERFORM pg_notify('streamspace_agent', p_agent);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.ring IS 'The only notifier: tells the server that holds the agent that there is work for it, unless that server is awake and looks by itself. Carries no data. Called after the row was written';
