// What is set for the whole installation.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { ChangeDialog } from '../lib/change.js';
import { ErrorBox } from '../lib/error_box.js';
import { mib } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch } from '../lib/list.js';
import { Facts, Page, Section, Spinner } from '../lib/page.js';
import { readSeconds, writeSeconds } from '../lib/seconds.js';
import { notify } from '../lib/toast.js';

const PARTS = [
	['Logging in', {
		login_idle_seconds: ['Log-in ends when unused for', 'Existing ones too'],
		login_max_seconds: ['Log-in lives at most', 'New ones'],
		api_key_max_seconds: ['API key lives at most', 'New ones'],
		login_window_seconds: ['Failed log-ins are counted over', ''],
		login_attempts_per_account: ['Failed log-ins of an account', 'In that time; further ones are refused'],
		login_attempts_per_address: ['Failed log-ins from an address', 'In that time; further ones are refused'],
	}],
	['What is kept', {
		audit_retention_seconds: ['Audit log', 'At least 31 days'],
		event_retention_seconds: ['Events of sessions', 'At least 31 days'],
		command_retention_seconds: ['Finished commands to agents', ''],
		request_retention_seconds: ['Idempotency keys', ''],
	}],
	['Viewers', {
		viewers_per_session: ['Viewers of a session at a time', ''],
		viewer_tickets_per_user: ['Unused tickets of a user at a time', 'A viewer begins with a ticket'],
		connection_retention_seconds: ['Viewers that were closed are listed for', ''],
	}],
	['Homes and what is left over', {
		home_size_mib: ['Size of a home, in MiB', 'When nobody names one'],
		home_retention_seconds: ['A home is kept after its last session for', 'When nobody names it; empty: until it is deleted by hand'],
		orphan_grace_seconds: ['Something unknown may live on an agent for', ''],
	}],
];
const ALL = Object.assign({}, ...PARTS.map(([, settings]) => settings));
const LABELS = Object.fromEntries(Object.entries(ALL).map(([name, [label]]) => [name, label]));

function words(value, name) {
	if (value === null || value === undefined) {
		return 'until deleted by hand';
	}
	if (name === 'home_size_mib') {
		return mib(value);
	}
	return name.endsWith('_seconds') ? (value === 0 ? 'none' : writeSeconds(value)) : String(value);
}

function Edit({ settings, part, onDone, onClose }) {
	const [title, values] = part;
	const fields = Object.entries(values).map(([name, [label, help]]) => ({ name, label, help: name.endsWith('_seconds') ? `${help ? `${help}. ` : ''}Such as 30m, 8h, 90d` : help,
		type: name.endsWith('_seconds') ? 'text' : 'number', required: name !== 'home_retention_seconds', quiet: true }));
	const initial = Object.fromEntries(Object.keys(values).map((name) => [name, name.endsWith('_seconds')
		? (settings[name] === 0 ? '0s' : writeSeconds(settings[name])) : settings[name]]));
	const read = (given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name,
		name.endsWith('_seconds') ? readSeconds(value, `/${name}`, { never: false }) : value]));
	return html`<${ChangeDialog} title=${title} fields=${fields} initial=${initial} before=${settings} labels=${LABELS} shown=${words}
		lead="Counts at once, for all servers and organisations." call=${(given, options) => api.patch('/settings', read(given), options)}
		onDone=${onDone} onClose=${onClose} />`;
}

export default function Settings() {
	const { data: settings, error, refresh, set } = useFetch('/settings');
	const [editing, setEditing] = useState(null);
	return html`<${Page} title="Settings" lead="For the whole installation. Options of a server's start stand in its operations manual.">
		<${ErrorBox} error=${error} retry=${refresh} />
		${!settings && !error && html`<${Spinner} />`}
		${settings && PARTS.map((part) => html`<${Section} key=${part[0]} title=${part[0]} actions=${html`<button type="button" class="button small"
			aria-label=${`Change: ${part[0]}`} onClick=${() => setEditing(part)}>Change</button>`}>
			<${Facts} items=${Object.keys(part[1]).map((name) => [LABELS[name], words(settings[name], name)])} /><//>`)}
		${editing && html`<${Edit} settings=${settings} part=${editing} onClose=${() => {
			setEditing(null);
			refresh();
		}} onDone=${(changed) => {
			set(changed);
			notify('The settings are changed');
		}} />`}
	<//>`;
}
