// The templates of an organisation.
import { ErrorBox } from '../lib/error_box.js';
import { when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { OrgChoice, orgLink, useOrg } from '../lib/org.js';
import { Badge, Empty, Page } from '../lib/page.js';
import { Filters, Jump } from '../lib/query.js';
import { Table } from '../lib/table.js';

const COLUMNS = (org) => [
	{ key: 'name', label: 'Template', render: (template) => html`<a href=${orgLink(`/admin/templates/${template.name}`, org)}>${template.name}</a>` },
	{ key: 'display', label: 'Name', render: (template) => template.spec.displayName },
	{ key: 'category', label: 'Category', render: (template) => template.spec.category || '–' },
	{ key: 'platforms', label: 'Platforms', render: (template) => template.platforms.join(', ') },
	{ key: 'revision', label: 'Revision', align: 'right' },
	{ key: 'updated_at', label: 'Changed', render: (template) => when(template.updated_at) },
	{ key: 'managed', label: 'Kept by', render: (template) => (template.managed ? html`<${Badge}>the platform<//>` : 'this organisation') },
];

export default function Templates({ query }) {
	const org = useOrg(query);
	const list = useList('/templates', { org, limit: 200 });
	const create = may('platform_admin', 'org_admin') && html`<a class="button primary" href=${orgLink('/admin/new-template', org)}>New template</a>`;
	return html`<${Page} title="Templates" wide lead="What sessions are made from. A change makes a new revision; sessions keep theirs." actions=${create}>
		<div class="row apart filters-line"><${Filters} query=${query} fields=${[]}><${OrgChoice} org=${org} /><//>
			<${Jump} label="Template name" to=${(name) => orgLink(`/admin/templates/${name}`, org)} /></div>
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<${Empty} icon="grid" title="No template" action=${create}>Users can start something as soon as there is one.<//>`
			: html`<${Table} label="Templates" columns=${COLUMNS(org)} rows=${list.items} keyOf=${(template) => template.name} list=${list} />`}
	<//>`;
}
