-- Last line of defence: whoever connects, a state changes only as the table of transitions says, through apply_event(); and a
-- session is born in the first state, or in the one that its first event leads to, through admit_sessions().
CREATE FUNCTION streamspace_rules.guard_session_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_from text := 'none';
BEGIN
	IF TG_OP = 'UPDATE' THEN
		v_from := OLD.state;
		IF current_setting('streamspace.event', true) = NEW.session_id || ' ' || NEW.state_event
			AND EXISTS (SELECT FROM streamspace_data.session_transition AS t
				WHERE t.from_state = v_from AND t.event = NEW.state_event AND t.to_state = NEW.state)
		THEN
			RETURN NULL;
		END IF;
	ELSIF current_setting('streamspace.event', true) = 'create' AND EXISTS (
		SELECT FROM streamspace_data.session_transition AS c
		JOIN streamspace_data.session_transition AS t ON t.from_state = c.to_state
		WHERE c.from_state = 'none' AND c.event = 'create' AND t.event = 'place' AND NEW.state_event = 'place' AND t.to_state = NEW.state)
	THEN
		RETURN NULL;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('invalid_transition',
		jsonb_build_object('session', NEW.session_id, 'state', v_from, 'to', NEW.state,
			'reason', 'only streamspace_rules.apply_event() changes a state')));
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.guard_session_state IS 'Trigger: refuses every change of session.state that apply_event() does not make, and every row that is born outside the first state or the one that being placed leads to';
