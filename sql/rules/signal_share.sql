CREATE FUNCTION streamspace_rules.signal_share() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		INSERT INTO streamspace_data.signal (org_id, event, session_id, user_id, group_id)
		VALUES (OLD.org_id, 'revoke_share', OLD.session_id, OLD.user_id, OLD.group_id);
	ELSE
		INSERT INTO streamspace_data.signal (org_id, event, session_id, user_id, group_id)
		VALUES (NEW.org_id, 'share', NEW.session_id, NEW.user_id, NEW.group_id);
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.signal_share IS 'Trigger: a session is shared with somebody, in another way, or no longer';
