// The users of an organisation, and new ones.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Dialog } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { ROLES, may } from '../lib/me.js';
import { Meter } from '../lib/meter.js';
import { ShownOnce, setPasswordLink } from '../lib/once.js';
import { OrgChoice, orgLink, orgName, useOrg } from '../lib/org.js';
import { Badge, Empty, Page } from '../lib/page.js';
import { Filters, Jump } from '../lib/query.js';
import { Table } from '../lib/table.js';

export const roleOptions = () => Object.entries(ROLES).filter(([role]) => role !== 'platform_admin' || may('platform_admin'))
	.map(([value, label]) => ({ value, label }));

function NewUser({ org, onDone, onClose }) {
	const fields = [
		{ name: 'name', label: 'User name', type: 'text', required: true, maxLength: 63, pattern: '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?', autofocus: true,
			patternHelp: 'lower-case letters, digits and hyphens are allowed, a hyphen not at the ends', help: 'For logging in; it stays' },
		{ name: 'display_name', label: 'Name', type: 'text', maxLength: 200, help: 'What people call him or her' },
		{ name: 'role', label: 'Role', type: 'select', required: true, options: roleOptions(), value: 'user' },
		{ name: 'max_sessions', label: 'Sessions at most', type: 'number', min: 0, max: 1000000, help: 'Empty: as for all users of the organisation' },
	];
	return html`<${Dialog} title="New user" onClose=${onClose}>
		<${Form} fields=${fields} submit="Create" onCancel=${onClose}
			onSubmit=${async (values) => onDone(await api.post('/users', { ...values, org }))}>
			<p class="muted">In organisation ${orgName(org)}. Afterwards you get a link by which the user sets a password.</p><//>
	<//>`;
}

const COLUMNS = (org) => [
	{ key: 'name', label: 'User', render: (user) => html`<a href=${orgLink(`/admin/users/${user.name}`, org)}>${user.name}</a>` },
	{ key: 'display_name', label: 'Name' },
	{ key: 'role', label: 'Role', render: (user) => ROLES[user.role] },
	{ key: 'active', label: 'State', render: (user) => (!user.active ? html`<${Badge} tone="danger">deactivated<//>`
		: user.password_set ? html`<${Badge} tone="ok">active<//>` : html`<${Badge} tone="warn">no password yet<//>`) },
	{ key: 'sessions', label: 'Sessions', render: (user) => html`<${Meter} compact label=${`Sessions of ${user.name}`} used=${user.usage.sessions} limit=${user.limits.max_sessions} />` },
	{ key: 'created_at', label: 'Created', render: (user) => when(user.created_at) },
];

export default function Users({ query }) {
	const org = useOrg(query);
	const [creating, setCreating] = useState(false);
	const [made, setMade] = useState(null);
	const list = useList('/users', { org, role: query.get('role'), active: query.get('active'), limit: 200 });
	const done = (answer) => {
		setCreating(false);
		setMade(answer);
		list.refresh();
	};
	return html`<${Page} title="Users" wide actions=${html`${may('platform_admin', 'org_admin') && html`
		<button type="button" class="button primary" onClick=${() => setCreating(true)}>New user</button>`}`}>
		<div class="row apart filters-line"><${Filters} query=${query} fields=${[
			{ name: 'role', label: 'Role', options: Object.entries(ROLES).map(([value, label]) => ({ value, label })) },
			{ name: 'active', label: 'State', options: [{ value: 'true', label: 'active' }, { value: 'false', label: 'deactivated' }] }]}>
			<${OrgChoice} org=${org} /><//>
			<${Jump} label="User name" to=${(name) => orgLink(`/admin/users/${name}`, org)} /></div>
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<${Empty} icon="people" title="No user">None fits the filters.<//>`
			: html`<${Table} label="Users" columns=${COLUMNS(org)} rows=${list.items} keyOf=${(user) => user.name} list=${list} />`}
		${creating && html`<${NewUser} org=${org} onDone=${done} onClose=${() => setCreating(false)} />`}
		${made && html`<${ShownOnce} title=${`Link for ${made.user.name}`} label="Link" value=${setPasswordLink(made.set_password_token)} onClose=${() => setMade(null)}>
			<p><strong>${made.user.name}</strong> is created. Hand over this link: it opens a page that sets the password, once, within 3 days.</p><//>`}
	<//>`;
}
