-- Deploy streamspace:template_access to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

ALTER TABLE streamspace_data.template
	ADD COLUMN restricted boolean NOT NULL DEFAULT false,
	ADD COLUMN access_revision bigint NOT NULL DEFAULT 1,
	ADD COLUMN deleted_at timestamptz,
	ADD CONSTRAINT template_access_revision_is_positive CHECK (access_revision >= 1);
COMMENT ON COLUMN streamspace_data.template.restricted IS 'Kept for the groups of template_group; else every user of the organisation sees it';
COMMENT ON COLUMN streamspace_data.template.access_revision IS 'Raised by every change of who sees it: its groups, and the organisations that hold a copy';
COMMENT ON COLUMN streamspace_data.template.deleted_at IS 'Hidden since; its revisions stay for the sessions that were made from them';

CREATE TABLE streamspace_data.template_group (
	org_id integer NOT NULL,
	template_id integer NOT NULL,
	group_id integer NOT NULL,
	CONSTRAINT template_group_pkey PRIMARY KEY (org_id, template_id, group_id),
	CONSTRAINT template_group_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template (org_id, template_id),
	CONSTRAINT template_group_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group (org_id, group_id)
);
CREATE INDEX template_group_by_group ON streamspace_data.template_group (org_id, group_id);
COMMENT ON TABLE streamspace_data.template_group IS 'Groups whose members see a restricted template';

CREATE TABLE streamspace_data.template_copy (
	org_id integer NOT NULL,
	template_id integer NOT NULL,
	source_org_id integer NOT NULL,
	source_template_id integer NOT NULL,
	CONSTRAINT template_copy_pkey PRIMARY KEY (org_id, template_id),
	CONSTRAINT template_copy_is_one_an_org UNIQUE (source_org_id, source_template_id, org_id),
	CONSTRAINT template_copy_is_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template (org_id, template_id),
	CONSTRAINT template_copy_has_a_source FOREIGN KEY (source_org_id, source_template_id) REFERENCES streamspace_data.template (org_id, template_id),
	CONSTRAINT template_copy_is_in_another_org CHECK (org_id <> source_org_id)
);
COMMENT ON TABLE streamspace_data.template_copy IS
	'Templates that a platform administrator publishes: the copy in one organisation, and the template of another whose content it follows. Written by publish_template and delete_template only';

ALTER TABLE streamspace_data.session
	ADD COLUMN parameters jsonb NOT NULL DEFAULT '{}',
	ADD CONSTRAINT session_parameters_are_an_object CHECK (jsonb_typeof(parameters) = 'object');
COMMENT ON COLUMN streamspace_data.session.parameters IS 'Values of the parameters of the template, with its defaults; they reach the desktop as environment';

ALTER TABLE streamspace_data.template_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.template_copy ENABLE ROW LEVEL SECURITY;

COMMIT;
