// The groups of an organisation, and new ones.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Dialog } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { OrgChoice, orgLink, useOrg } from '../lib/org.js';
import { Empty, Page } from '../lib/page.js';
import { Filters, Jump } from '../lib/query.js';
import { navigate } from '../lib/router.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';

function NewGroup({ org, onClose }) {
	const fields = [
		{ name: 'name', label: 'Group name', type: 'text', required: true, maxLength: 63, pattern: '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?', autofocus: true,
			patternHelp: 'lower-case letters, digits and hyphens are allowed, a hyphen not at the ends', help: 'It stays' },
		{ name: 'display_name', label: 'Name', type: 'text', maxLength: 200, help: 'What people call it' },
	];
	const create = async ({ name, display_name: displayName }) => {
		await api.put(`/groups/${encodeURIComponent(name)}`, { display_name: displayName }, { query: { org } });
		notify(`${name} is created`);
		navigate(orgLink(`/admin/groups/${name}`, org));
	};
	return html`<${Dialog} title="New group" onClose=${onClose}>
		<${Form} fields=${fields} submit="Create" onSubmit=${create} onCancel=${onClose} />
	<//>`;
}

const COLUMNS = (org) => [
	{ key: 'name', label: 'Group', render: (group) => html`<a href=${orgLink(`/admin/groups/${group.name}`, org)}>${group.name}</a>` },
	{ key: 'display_name', label: 'Name' },
	{ key: 'members', label: 'Members', align: 'right' },
	{ key: 'created_at', label: 'Created', render: (group) => when(group.created_at) },
];

export default function Groups({ query }) {
	const org = useOrg(query);
	const [creating, setCreating] = useState(false);
	const list = useList('/groups', { org, user: query.get('user'), limit: 200 });
	return html`<${Page} title="Groups" wide lead="Groups share sessions, limits, policies and templates." actions=${may('platform_admin', 'org_admin') && html`
		<button type="button" class="button primary" onClick=${() => setCreating(true)}>New group</button>`}>
		<div class="row apart filters-line"><${Filters} query=${query} fields=${[{ name: 'user', label: 'With the member' }]}><${OrgChoice} org=${org} /><//>
			<${Jump} label="Group name" to=${(name) => orgLink(`/admin/groups/${name}`, org)} /></div>
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<${Empty} icon="people" title="No group">${query.get('user') ? 'This user is in none.' : 'Nobody made one yet.'}<//>`
			: html`<${Table} label="Groups" columns=${COLUMNS(org)} rows=${list.items} keyOf=${(group) => group.name} list=${list} />`}
		${creating && html`<${NewGroup} org=${org} onClose=${() => setCreating(false)} />`}
	<//>`;
}
