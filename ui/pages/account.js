// Oneself: password, open log-ins, what one may use, and how the page looks.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { ago, cores, mib, until } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch, useList } from '../lib/list.js';
import { may, ROLES, useMe } from '../lib/me.js';
import { Badge, Facts, Page, Section, Spinner } from '../lib/page.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';

function Password() {
	const [round, setRound] = useState(0);
	const fields = [
		{ name: 'password', label: 'Present password', type: 'password', required: true, autocomplete: 'current-password' },
		{ name: 'new_password', label: 'New password', type: 'password', required: true, minLength: 8, maxLength: 1024, autocomplete: 'new-password', help: 'At least 8 characters.' },
		{ name: 'again', label: 'New password again', type: 'password', required: true, autocomplete: 'new-password' },
	];
	const submit = async ({ password, new_password, again }) => {
		if (new_password !== again) {
			throw Object.assign(new Error(), { pointer: '/again', detail: 'is not the same as the new password' });
		}
		const { ended } = await api.post('/me:change-password', { password, new_password });
		notify(`The password is changed${ended > 0 ? `; ${ended} other log-ins ended` : ''}`);
		setRound(round + 1);
	};
	return html`<${Section} title="Password"><div class="form-narrow"><${Form} key=${round} fields=${fields} submit="Change password" onSubmit=${submit} /></div><//>`;
}

// "Mozilla/5.0 (X11; Linux x86_64) … Firefox/130.0" → "Firefox on Linux"
function programOf(text) {
	const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(text || '');
	const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(text || '');
	const names = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
	return browser ? `${names[browser[1]] || browser[1]}${system ? ` on ${names[system[1]] || system[1]}` : ''}` : text || 'unknown';
}

function LogIns({ me }) {
	const list = useList('/logins', { user: may('platform_admin', 'org_admin', 'auditor') ? me.name : undefined, limit: 200 });
	const [error, setError] = useState(null);
	const end = (login) => async () => {
		setError(null);
		try {
			await api.del(`/logins/${login.id}`);
			notify('That log-in has ended');
			list.refresh();
		} catch (failure) {
			setError(failure);
		}
	};
	const columns = [
		{ key: 'program', label: 'With', render: (login) => html`<span title=${login.user_agent}>${programOf(login.user_agent)}</span>` },
		{ key: 'address', label: 'From', render: (login) => login.address || '–' },
		{ key: 'created_at', label: 'Opened', render: (login) => ago(login.created_at) },
		{ key: 'last_used_at', label: 'Last used', render: (login) => ago(login.last_used_at || login.created_at) },
		{ key: 'ends', label: 'Ends unless used', render: (login) => until(login.idle_expires_at) },
		{ key: 'end', label: html`<span class="hidden-text">Actions</span>`, align: 'right', render: (login) => (login.current
			? html`<${Badge} tone="ok">This one<//>`
			: html`<button type="button" class="button small" aria-label=${`End the log-in of ${programOf(login.user_agent)}, opened ${ago(login.created_at)}`} onClick=${end(login)}>End</button>`) },
	];
	return html`<${Section} title="Open log-ins">
		<${ErrorBox} error=${error || list.error} retry=${list.error && list.refresh} />
		${!list.read && list.loading && html`<${Spinner} />`}
		${list.items.length > 0 && html`<${Table} label="Open log-ins" columns=${columns} rows=${list.items} keyOf=${(login) => login.id} list=${list} />`}
	<//>`;
}

function Use({ me }) {
	const { data } = useFetch(`/users/${encodeURIComponent(me.name)}/quota`);
	if (!data) {
		return null;
	}
	const { used, limits } = data;
	const of = (value, limit, format) => html`${format(value)}<span class="muted">${limit === null || limit === undefined ? ', no limit' : ` of ${format(limit)}`}</span>`;
	return html`<${Section} title="In use">
		<${Facts} items=${[
			['Sessions', of(used.sessions, limits.sessions, String)],
			['Processors', of(used.millicores, limits.millicores, cores)],
			['Memory', of(used.memory_mib, limits.memory_mib, mib)],
			['Storage of homes', of(used.storage_mib, limits.storage_mib, mib)],
		]} />
	<//>`;
}

export default function Account() {
	const me = useMe();
	return html`<${Page} title="Account">
		<${Section} title="You"><${Facts} items=${[
			['Name', me.display_name || me.name], ['User name', me.name], ['Organisation', me.org], ['Role', ROLES[me.role]],
		]} /><//>
		<${Use} me=${me} />
		<${Password} />
		<${LogIns} me=${me} />
	<//>`;
}
