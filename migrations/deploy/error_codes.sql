-- Deploy streamspace:error_codes to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.error_code (
	sqlstate text COLLATE "C" NOT NULL,
	code text COLLATE "C" NOT NULL,
	http_status integer NOT NULL,
	title text NOT NULL,
	hint text NOT NULL,
	CONSTRAINT error_code_pkey PRIMARY KEY (sqlstate),
	CONSTRAINT error_code_is_unique UNIQUE (code),
	CONSTRAINT error_code_sqlstate_is_ours CHECK (sqlstate ~ '^SS[0-9]{3}$'),
	CONSTRAINT error_code_is_a_word CHECK (code ~ '^[a-z][a-z0-9_]{0,46}$'),
	CONSTRAINT error_code_status_is_an_error CHECK (http_status BETWEEN 400 AND 599)
);
COMMENT ON TABLE streamspace_data.error_code IS
	'Every refusal of the product: one fact, one SQLSTATE. MESSAGE of an error is the title; the server maps SQLSTATE to HTTP by this table';

INSERT INTO streamspace_data.error_code (sqlstate, code, http_status, title, hint) VALUES
	('SS101', 'unauthorized', 401, 'The credential is missing or not valid', 'Log in again, or check the key that was sent.'),
	('SS102', 'invalid_credentials', 401, 'User or password is wrong', 'Check organisation, user name and password; an administrator can reset the password.'),
	('SS103', 'actor_required', 401, 'The call names no actor', 'Send a token. Only a login that is a direct member of streamspace_dba, and not of streamspace_api, may leave it out.'),
	('SS104', 'token_invalid', 401, 'The one-time token is unknown, used or expired', 'Ask an administrator for a new one.'),
	('SS111', 'forbidden', 403, 'The actor may not do this', 'Ask an administrator of the organisation.'),
	('SS112', 'approval_required', 403, 'The agent is not approved yet', 'A platform administrator approves it; compare the key prefix on both sides first.'),
	('SS113', 'agent_rejected', 403, 'The agent was rejected', 'Ask a platform administrator; an approval lifts the rejection.'),
	('SS121', 'session_not_found', 404, 'There is no such session', 'List the sessions to see the ones that you may use.'),
	('SS122', 'template_not_found', 404, 'There is no such template', 'List the templates of the organisation.'),
	('SS123', 'user_not_found', 404, 'There is no such user', 'List the users of the organisation.'),
	('SS124', 'org_not_found', 404, 'There is no such organisation', 'Check the name of the organisation.'),
	('SS125', 'agent_not_found', 404, 'There is no such agent', 'The agent registers itself first.'),
	('SS131', 'invalid_argument', 422, 'An argument is not valid', 'The detail names the argument and the reason.'),
	('SS132', 'owner_required', 422, 'The call must name an owner', 'A database administrator has no account of his own: pass p_owner (and p_org).'),
	('SS133', 'request_mismatch', 422, 'The idempotency key was used for another request', 'Send a new key with a new request.'),
	('SS141', 'quota_exceeded', 409, 'The limit of sessions is reached', 'Terminate a session, or ask an administrator for a higher limit.'),
	('SS142', 'invalid_transition', 409, 'The session cannot do this in its present state', 'The detail names the state and the events that it takes.'),
	('SS143', 'request_in_flight', 409, 'The same request is being worked on', 'Wait and send it again with the same key.'),
	('SS144', 'secret_already_shown', 409, 'The request was done before and its secret is shown only once', 'The object exists; ask for a new secret.'),
	('SS145', 'already_exists', 409, 'An object of that name exists', 'Choose another name.'),
	('SS146', 'already_initialized', 409, 'The installation has users already', 'Log in as an administrator instead.'),
	('SS147', 'key_mismatch', 409, 'The key is not the one that is recorded for the agent', 'Compare the key prefix that the agent shows with the one in the list of agents.'),
	('SS148', 'agent_already_connected', 409, 'Another instance of the agent is connected', 'Stop the other instance, or wait until its connection is seen to be dead.'),
	('SS901', 'invalid_json', 400, 'The body is not valid JSON', 'The detail names the place.'),
	('SS902', 'invalid_utf8', 400, 'The body is not valid UTF-8', 'Send UTF-8 without NUL characters.'),
	('SS903', 'duplicate_key', 400, 'An object has the same key twice', 'Send every key once.'),
	('SS904', 'too_deep', 400, 'The body is nested too deeply', 'At most 32 levels are accepted.'),
	('SS905', 'unknown_field', 422, 'The body has a field that is not known', 'The pointer names the field; the API description lists the known ones.'),
	('SS906', 'wrong_type', 422, 'A field has the wrong type', 'The pointer names the field.'),
	('SS907', 'missing_field', 422, 'A field is missing', 'The pointer names the field.'),
	('SS908', 'body_too_large', 413, 'The body is too large', 'Send less.'),
	('SS909', 'unsupported_media_type', 415, 'The media type is not supported', 'Send application/json.'),
	('SS910', 'route_not_found', 404, 'There is no such route', 'The API description lists the routes.'),
	('SS911', 'method_not_allowed', 405, 'The route does not take this method', 'The header Allow lists the methods.'),
	('SS912', 'upgrade_required', 426, 'This path is a WebSocket', 'Connect with a WebSocket client on a fresh connection.'),
	('SS913', 'overloaded', 503, 'The server is busy', 'Try again after the time in Retry-After.'),
	('SS914', 'database_unavailable', 503, 'The database cannot be reached', 'Try again; the server reconnects by itself.'),
	('SS916', 'bad_request', 400, 'The request is malformed', 'The detail says what is wrong with it.'),
	('SS917', 'unknown_parameter', 422, 'The query has a parameter that is not known', 'The API description lists the known ones.'),
	('SS918', 'deadline_exceeded', 504, 'The database has not answered in time', 'Look before you repeat, or repeat with the same Idempotency-Key.'),
	('SS915', 'shutting_down', 503, 'The server is shutting down', 'Try again; another replica or the next start answers.'),
	('SS999', 'internal', 500, 'An unexpected error happened', 'The log of the server has the cause under the request id.');

COMMIT;
