-- Locks the home that it takes, before usage. An attached home is refused without a lock: only its session may wait for it.
CREATE FUNCTION streamspace_rules.take_home(p_org_id integer, p_user_id integer, p_home text, p_template text, p_template_id integer,
	p_spec jsonb, p_session text, p_pools integer[], OUT refusal jsonb, OUT home_id text, OUT agent_id text, OUT storage_mib bigint, OUT made boolean)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_home streamspace_data.home;
	v_base text := rtrim(left(p_template, 54), '-');
	v_name text;
BEGIN
	storage_mib := 0;
	made := false;
	IF p_home = '' OR (p_home IS NULL AND p_spec -> 'persistentHome' = 'false') THEN
		RETURN;
	ELSIF p_home IS NOT NULL OR p_spec -> 'persistentHome' = 'true' THEN
		FOR i IN 1..2 LOOP
			SELECT h.* INTO v_home FROM streamspace_data.home AS h
			WHERE h.org_id = p_org_id AND h.user_id = p_user_id AND h.state = 'kept' AND h.session_id IS NULL
				AND (h.name = coalesce(p_home, v_base) OR h.home_id = p_home)
			FOR NO KEY UPDATE;
			EXIT WHEN FOUND;
			SELECT h.* INTO v_home FROM streamspace_data.home AS h
			WHERE h.org_id = p_org_id AND h.user_id = p_user_id AND h.state = 'kept' AND (h.name = coalesce(p_home, v_base) OR h.home_id = p_home);
			IF FOUND AND v_home.session_id IS NOT NULL THEN
				refusal := streamspace_rules.refusal('home_in_use', jsonb_build_object('home', v_home.home_id, 'name', v_home.name,
					'session', v_home.session_id));
				RETURN;
			ELSIF NOT FOUND AND p_home IS NOT NULL THEN
				refusal := streamspace_rules.refusal('home_not_found', jsonb_build_object('home', left(p_home, 100)));
				RETURN;
			ELSIF NOT FOUND THEN
				home_id := streamspace_rules.make_home(p_org_id, p_user_id, v_base, p_template_id, NULL, NULL, p_session, p_pools);
				EXIT WHEN home_id IS NOT NULL;
			END IF;
			-- Another call took it or gave it back at this moment: look once more.
		END LOOP;
	ELSE
		SELECT h.* INTO v_home FROM streamspace_data.home AS h
		WHERE h.org_id = p_org_id AND h.user_id = p_user_id AND h.template_id = p_template_id AND h.state = 'kept' AND h.session_id IS NULL
		ORDER BY h.created_at, h.home_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
		IF NOT FOUND AND pg_try_advisory_xact_lock(hashtextextended(p_org_id || ' ' || p_user_id || ' ' || v_base, 7403)) THEN
			v_name := v_base;
			IF EXISTS (SELECT FROM streamspace_data.home AS h
				WHERE h.org_id = p_org_id AND h.user_id = p_user_id AND h.name = v_base AND h.state = 'kept')
			THEN
				-- One more than the last that was made.
				SELECT v_base || '-' || coalesce(substring(h.name FROM '-([0-9]{1,8})$')::integer, 1) + 1 INTO v_name FROM streamspace_data.home AS h
				WHERE h.org_id = p_org_id AND h.user_id = p_user_id AND h.template_id = p_template_id
				ORDER BY h.created_at DESC, h.home_id DESC LIMIT 1;
			END IF;
			home_id := streamspace_rules.make_home(p_org_id, p_user_id, coalesce(v_name, v_base || '-2'), p_template_id, NULL, NULL, p_session, p_pools);
		END IF;
		IF v_home.home_id IS NULL AND home_id IS NULL THEN
			-- That name is taken, or another call is making a home for the same owner: whoever waits for nobody needs a name of its own.
			home_id := streamspace_rules.make_home(p_org_id, p_user_id, v_base || '-' || right(streamspace_rules.new_id(''), 8), p_template_id,
				NULL, NULL, p_session, p_pools);
		END IF;
	END IF;
	IF home_id IS NOT NULL THEN
		made := true;
		storage_mib := (SELECT h.size_mib FROM streamspace_data.home AS h WHERE h.org_id = p_org_id AND h.home_id = take_home.home_id);
	ELSIF v_home.home_id IS NOT NULL AND v_home.session_id IS NULL THEN
		home_id := v_home.home_id;
		agent_id := streamspace_rules.home_agent(p_org_id, home_id);
		UPDATE streamspace_data.home AS h SET session_id = p_session, delete_at = NULL, revision = h.revision + 1, updated_at = streamspace_rules.now()
		WHERE h.org_id = p_org_id AND h.home_id = v_home.home_id;
	ELSE
		refusal := streamspace_rules.refusal('home_in_use', jsonb_build_object('name', coalesce(p_home, v_base)));
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.take_home IS
	'Attaches a home of the owner to the session p_session, which is about to be made. p_home: name or id, empty none; NULL what the template says: persistentHome true, the home that is called like it, made on first use; false, none; else a free one of this template, or a new one. agent_id: where it lies, NULL nowhere yet. made and storage_mib: it is new and needs that much. Refusals home_not_found, home_in_use';
