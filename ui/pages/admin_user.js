// One user: role, activity, password, groups, limits, log-ins and keys.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { AskFirst, ChangeDialog } from '../lib/change.js';
import { Confirm } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { ago, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch, useList } from '../lib/list.js';
import { ROLES, may } from '../lib/me.js';
import { AddMember } from '../lib/members.js';
import { ShownOnce, setPasswordLink } from '../lib/once.js';
import { orgLink, useOrg } from '../lib/org.js';
import { Badge, Facts, Page, Section, Spinner } from '../lib/page.js';
import { PolicySection } from '../lib/policy.js';
import { QuotaSection } from '../lib/quota.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';
import { roleOptions } from './admin_users.js';

function EditDialog({ user, org, onDone, onClose }) {
	const fields = [{ name: 'display_name', label: 'Name', type: 'text', maxLength: 200 }, { name: 'role', label: 'Role', type: 'select', required: true, options: roleOptions() }];
	const note = (before, after) => (before.role === after.role ? {} : { role: 'Counts from the next call on. Links for a new password that are still open end.' });
	return html`<${ChangeDialog} title=${`Change ${user.name}`} fields=${fields} initial=${user} before=${user} notesOf=${note}
		labels=${{ display_name: 'Name', role: 'Role' }} shown=${(value, path) => (path === 'role' ? ROLES[value] : value || '–')}
		call=${(values, options) => api.patch(`/users/${user.name}`, { role: values.role === user.role ? null : values.role, display_name: values.display_name ?? '' },
			{ ...options, query: { org } })} onDone=${onDone} onClose=${onClose} />`;
}

function ActiveDialog({ user, org, onDone, onClose }) {
	const call = (options) => api.patch(`/users/${user.name}`, { active: !user.active }, { ...options, query: { org } });
	return html`<${AskFirst} title=${user.active ? `Deactivate ${user.name}` : `Reactivate ${user.name}`} action=${user.active ? 'Deactivate' : 'Reactivate'} danger=${user.active}
		preview=${() => call({ dryRun: true })} perform=${() => call({ ifRevision: user.revision })} onDone=${onDone} onClose=${onClose}>
		${(after) => (user.active
			? html`<p>From the next call on nothing opens for ${user.name}: log-ins, API keys and open links for a password end <strong>for good</strong>, and whatever is being watched is cut.</p>
				<p>${after.usage.sessions === 0 ? 'There are no sessions.' : html`The ${after.usage.sessions} sessions stay as they are; <a href=${orgLink('/admin/sessions', org, { owner: user.name })}>end them</a> if they should.`} Homes stay.</p>`
			: html`<p>${user.name} may log in again, with the old password. Keys and log-ins that ended stay ended.</p>`)}
	<//>`;
}

function ResetDialog({ user, org, onDone, onClose }) {
	return html`<${AskFirst} title=${`New link for ${user.name}`} action="Make the link" danger=${false}
		preview=${() => api.post(`/users/${user.name}:reset-password`, {}, { query: { org }, dryRun: true })}
		perform=${() => api.post(`/users/${user.name}:reset-password`, {}, { query: { org }, ifRevision: user.revision })} onDone=${onDone} onClose=${onClose}>
		${() => html`<p>You get a link by which ${user.name} sets a new password, once, within 3 days. Links that were made before end.</p>
			<p>The present password goes on until the new one is set; then every log-in ends.</p>`}
	<//>`;
}

function Groups({ user, org, editable }) {
	const list = useList('/groups', { user: user.name, org, limit: 200 });
	const [leaving, setLeaving] = useState(null);
	const columns = [{ key: 'name', label: 'Group', render: (group) => html`<a href=${orgLink(`/admin/groups/${group.name}`, org)}>${group.name}</a>` },
		{ key: 'display_name', label: 'Name' }, { key: 'members', label: 'Members', align: 'right' },
		...(editable ? [{ key: 'actions', label: 'Actions', align: 'right actions', render: (group) => html`<button type="button" class="button small" aria-label=${`Take out of ${group.name}`}
			onClick=${() => setLeaving(group)}>Take out</button>` }] : [])];
	return html`<${Section} title="Groups">
		${editable && html`<${AddMember} label="Group" org=${org} group=${(name) => name} user=${() => user.name} onDone=${list.refresh} />`}
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<p class="muted">In no group.</p>`
			: html`<${Table} label="Groups" columns=${columns} rows=${list.items} keyOf=${(group) => group.name} list=${list} />`}
		${leaving && html`<${Confirm} title=${`Take ${user.name} out of ${leaving.name}`} action="Take out" danger onClose=${() => setLeaving(null)}
			onConfirm=${async () => {
				await api.del(`/groups/${leaving.name}/members/${user.name}`, undefined, { query: { org } });
				list.refresh();
			}}><p>What the group shares with its members, and templates that are kept for it, are gone for ${user.name} at once. Sessions stay.</p><//>`}
	<//>`;
}

// Open log-ins or API keys; both end with one button.
function Credentials({ title, path, empty, user, org, columns, what }) {
	const list = useList(path, { user: user.name, org, limit: 200 });
	const [ending, setEnding] = useState(null);
	const all = [...columns, ...(may('platform_admin', 'org_admin') ? [{ key: 'actions', label: 'Actions', align: 'right actions', render: (row) => html`
		<button type="button" class="button small" aria-label=${`End ${row.name || row.id}`} onClick=${() => setEnding(row)}>End</button>` }] : [])];
	return html`<${Section} title=${title}>
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<p class="muted">${empty}</p>`
			: html`<${Table} label=${title} columns=${all} rows=${list.items} keyOf=${(row) => row.id} list=${list} />`}
		${ending && html`<${Confirm} title=${`End this ${what}`} action="End" danger onClose=${() => setEnding(null)} onConfirm=${async () => {
			await api.del(`${path}/${ending.id}`);
			list.set((items) => items.filter((item) => item.id !== ending.id));
			notify(`The ${what} ended`);
		}}><p>It is worth nothing from the next call on, on every server.${ending.current ? ' It is the one that you are using.' : ''}</p><//>`}
	<//>`;
}

const LOGIN_COLUMNS = [{ key: 'created_at', label: 'Opened', render: (row) => when(row.created_at) }, { key: 'address', label: 'From', render: (row) => row.address || '–' },
	{ key: 'user_agent', label: 'By', render: (row) => row.user_agent || '–' }, { key: 'last_used_at', label: 'Used', render: (row) => (row.current ? 'now, by you' : ago(row.last_used_at)) },
	{ key: 'expires_at', label: 'Ends', render: (row) => when(row.expires_at) }];
const KEY_COLUMNS = [{ key: 'name', label: 'Name' }, { key: 'prefix', label: 'Begins with', render: (row) => html`<code>${row.prefix}</code>` },
	{ key: 'scopes', label: 'Scopes', render: (row) => row.scopes.join(', ') }, { key: 'last_used_at', label: 'Used', render: (row) => ago(row.last_used_at) },
	{ key: 'expires_at', label: 'Ends', render: (row) => when(row.expires_at) }];

export default function User({ params, query }) {
	const org = useOrg(query);
	const { data: user, error, refresh, set } = useFetch(`/users/${encodeURIComponent(params.name)}`, { org });
	const [Asked, setAsked] = useState(null);
	const [link, setLink] = useState(null);
	const ask = (dialog) => setAsked(() => dialog);
	// What a dialog was about may have been changed by somebody else: look again when it closes.
	const close = () => {
		setAsked(null);
		refresh();
	};
	const editable = may('platform_admin') || (may('org_admin') && user?.role !== 'platform_admin');
	const done = (answer) => {
		if (answer.set_password_token) {
			setLink(answer.set_password_token);
			set(answer.user);
		} else {
			set(answer);
			notify(`${answer.name} is changed`);
		}
	};
	return html`<${Page} title=${params.name} back=${{ href: orgLink('/admin/users', org), label: 'Users' }}
		badge=${user && html`<${Badge} tone=${user.active ? 'ok' : 'danger'}>${user.active ? 'active' : 'deactivated'}<//>`}
		actions=${user && editable && html`<button type="button" class="button" onClick=${() => ask(EditDialog)}>Change</button>
			<button type="button" class="button" onClick=${() => ask(ResetDialog)}>Reset password</button>
			<button type="button" class=${user.active ? 'button danger' : 'button'} onClick=${() => ask(ActiveDialog)}>${user.active ? 'Deactivate' : 'Reactivate'}</button>`}>
		<${ErrorBox} error=${error} retry=${refresh} />
		${!user && !error && html`<${Spinner} />`}
		${user && html`<${Section} title="Person"><${Facts} items=${[['Name', user.display_name || '–'], ['Role', ROLES[user.role]], ['Organisation', user.org],
				['Password', user.password_set ? 'set' : 'not set yet'], ['Created', when(user.created_at)],
				['Sessions', html`<a href=${orgLink('/admin/sessions', org, { owner: user.name })}>${user.usage.sessions} of ${user.limits.max_sessions ?? 'no limit'}</a>`]]} /><//>
			<${QuotaSection} title="Limits" scope="user" name=${user.name} org=${org} editable=${may('platform_admin', 'org_admin')} onChange=${refresh} />
			<${Groups} user=${user} org=${org} editable=${may('platform_admin', 'org_admin')} />
			<${PolicySection} title="When sessions stop" scope="user" name=${user.name} org=${org} editable=${may('platform_admin', 'org_admin')}
				lead="Comes before the policy of groups and of the organisation, after that of a template." />
			${may('platform_admin', 'org_admin', 'auditor') && html`
				<${Credentials} title="Log-ins" path="/logins" empty="None is open." what="log-in" user=${user} org=${org} columns=${LOGIN_COLUMNS} />
				<${Credentials} title="API keys" path="/api-keys" empty="There are none." what="API key" user=${user} org=${org} columns=${KEY_COLUMNS} />`}`}
		${Asked && html`<${Asked} user=${user} org=${org} onDone=${done} onClose=${close} />`}
		${link && html`<${ShownOnce} title=${`Link for ${params.name}`} label="Link" value=${setPasswordLink(link)} onClose=${() => setLink(null)}>
			<p>It opens a page that sets a new password, once, within 3 days.</p><//>`}
	<//>`;
}
