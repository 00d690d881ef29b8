// The organisations of the installation.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { ChangeDialog } from '../lib/change.js';
import { Dialog } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { Meter } from '../lib/meter.js';
import { Page } from '../lib/page.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';

const MOST = { type: 'number', min: 0, max: 1000000 };
const FIELDS = [
	{ name: 'display_name', label: 'Name', type: 'text', maxLength: 200, help: 'What people call it' },
	{ name: 'max_sessions', label: 'Sessions at most', ...MOST, help: 'Of all its users together; empty: as it is' },
	{ name: 'max_sessions_per_user', label: 'Sessions of a user at most', ...MOST, help: 'For users without a limit of their own; empty: as it is' },
];
const NAME = { name: 'name', label: 'Organisation name', type: 'text', required: true, maxLength: 63, pattern: '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?', autofocus: true,
	patternHelp: 'lower-case letters, digits and hyphens are allowed, a hyphen not at the ends', help: 'For logging in; it stays' };
const LABELS = { display_name: 'Name', 'limits.max_sessions': 'Sessions', 'limits.max_sessions_per_user': 'Sessions of a user' };

export default function Orgs() {
	const list = useList('/orgs', { limit: 200 });
	const [asked, setAsked] = useState(null);
	const close = () => setAsked(null);
	const create = async ({ name, ...values }) => {
		await api.put(`/orgs/${encodeURIComponent(name)}`, values);
		notify(`${name} is created`);
		list.refresh();
		close();
	};
	const columns = [
		{ key: 'name', label: 'Organisation', render: (org) => html`<a href=${`/admin/users?org=${org.name}`}>${org.name}</a>` },
		{ key: 'display_name', label: 'Name' },
		{ key: 'sessions', label: 'Sessions', render: (org) => html`<${Meter} compact label=${`Sessions of ${org.name}`} used=${org.usage.sessions} limit=${org.limits.max_sessions} />` },
		{ key: 'each', label: 'Of a user at most', align: 'right', render: (org) => org.limits.max_sessions_per_user ?? 'no limit' },
		{ key: 'created_at', label: 'Created', render: (org) => when(org.created_at) },
		{ key: 'actions', label: 'Actions', align: 'right actions', render: (org) => html`<button type="button" class="button small" aria-label=${`Change ${org.name}`} onClick=${() => setAsked(org)}>Change</button>` },
	];
	return html`<${Page} title="Organisations" wide lead="Users, groups, templates and sessions belong to one organisation each, and nothing of it is seen by another."
		actions=${html`<button type="button" class="button primary" onClick=${() => setAsked('new')}>New organisation</button>`}>
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		<${Table} label="Organisations" columns=${columns} rows=${list.items} keyOf=${(org) => org.name} list=${list} />
		${asked === 'new' && html`<${Dialog} title="New organisation" onClose=${close}><${Form} fields=${[NAME, ...FIELDS]} submit="Create" onSubmit=${create} onCancel=${close} /><//>`}
		${asked && asked !== 'new' && html`<${ChangeDialog} title=${`Change ${asked.name}`} fields=${FIELDS} initial=${{ display_name: asked.display_name, ...asked.limits }} before=${asked}
			lead="Other limits stand under Quotas." labels=${LABELS} call=${(values, options) => api.put(`/orgs/${asked.name}`, values, options)}
			onClose=${close} onDone=${(org) => {
				list.set((items) => items.map((item) => (item.name === org.name ? org : item)));
				notify(`${org.name} is changed`);
			}} />`}
	<//>`;
}
