-- Deploy streamspace:templates to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.template (
	org_id integer NOT NULL,
	template_id integer GENERATED ALWAYS AS IDENTITY,
	name text COLLATE "C" NOT NULL,
	revision integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT template_pkey PRIMARY KEY (org_id, template_id),
	CONSTRAINT template_name_is_unique_in_its_org UNIQUE (org_id, name),
	CONSTRAINT template_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id),
	CONSTRAINT template_name_is_a_label CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
	CONSTRAINT template_revision_is_positive CHECK (revision >= 1)
);
COMMENT ON TABLE streamspace_data.template IS 'Template by name; revision is the current one of template_revision';

CREATE TABLE streamspace_data.template_revision (
	org_id integer NOT NULL,
	template_id integer NOT NULL,
	revision integer NOT NULL,
	spec jsonb NOT NULL,
	platforms text[] NOT NULL,
	created_by text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT template_revision_pkey PRIMARY KEY (org_id, template_id, revision),
	CONSTRAINT template_revision_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template (org_id, template_id),
	CONSTRAINT template_revision_is_positive CHECK (revision >= 1),
	CONSTRAINT template_revision_spec_is_an_object CHECK (jsonb_typeof(spec) = 'object'),
	CONSTRAINT template_revision_names_a_platform CHECK (cardinality(platforms) BETWEEN 1 AND 8)
);
COMMENT ON TABLE streamspace_data.template_revision IS 'Every content a template ever had; a session keeps the revision that it was made from';

ALTER TABLE streamspace_data.template ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.template_revision ENABLE ROW LEVEL SECURITY;

COMMIT;
