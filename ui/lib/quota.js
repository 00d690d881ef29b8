// Limits of an organisation, a group or a user, with what is used of them, and the dialog that changes them.
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { ChangeDialog } from './change.js';
import { cores, mib } from './format.js';
import { html } from './html.js';
import { useFetch } from './list.js';
import { Meter } from './meter.js';
import { ErrorBox } from './error_box.js';
import { Badge, Section, Spinner } from './page.js';
import { notify } from './toast.js';

const INHERIT = 'default';
const COUNTED = ['sessions', 'millicores', 'memory_mib', 'storage_mib'];
export const RESOURCES = {
	sessions: { label: 'Sessions', help: 'That are not terminated', format: String },
	millicores: { label: 'Processor', help: 'Of its sessions in sum; 1000 is one core', format: cores },
	memory_mib: { label: 'Memory', help: 'Of its sessions in sum, in MiB', format: mib },
	storage_mib: { label: 'Homes', help: 'In sum, in MiB', format: mib },
	session_millicores: { label: 'Processor of one session', help: 'At most; 1000 is one core', format: cores },
	session_memory_mib: { label: 'Memory of one session', help: 'At most, in MiB', format: mib },
	session_storage_mib: { label: 'Size of one home', help: 'At most, in MiB', format: mib },
};
export const limitWords = (key, value) => (value === null || value === undefined ? 'no limit' : RESOURCES[key].format(value));
const LABELS = Object.fromEntries(Object.entries(RESOURCES).map(([name, { label }]) => [`limits.${name}`, label]));
LABELS.own = 'Limits of his own';

export function quotaPath(scope, name) {
	return { org: `/orgs/${name}/quota`, user_default: `/orgs/${name}/user-quota`, group: `/groups/${name}/quota`, user: `/users/${name}/quota` }[scope];
}

const shownLimit = (value, path) => (path === 'own' ? value?.join(', ') || 'none' : limitWords(path.split('.').pop(), value));

// "5" → 5, "none" → null, "default" → as for all users, empty → absent: it stays.
function readLimits(values, scope) {
	const limits = {};
	for (const [name, words] of Object.entries(values)) {
		const value = String(words ?? '').trim().toLowerCase();
		if (value === 'none' || value === 'no limit') {
			limits[name] = null;
		} else if (value === INHERIT && scope === 'user') {
			limits[name] = INHERIT;
		} else if (/^\d+$/.test(value)) {
			limits[name] = Number(value);
		} else if (value !== '') {
			throw Object.assign(new Error('Not a limit'), { code: 'invalid_argument', title: 'Not a limit', pointer: `/${name}`,
				detail: scope === 'user' ? 'a whole number, none or default is required' : 'a whole number or none is required', hint: '' });
		}
	}
	return limits;
}

export function QuotaDialog({ quota, onDone, onClose }) {
	const { scope } = quota;
	const name = scope === 'org' || scope === 'user_default' ? quota.org : quota.name;
	const inherited = (key) => scope === 'user' && !quota.own.includes(key);
	const fields = Object.entries(RESOURCES).map(([key, { label, help }]) => ({ name: key, label, help, type: 'text', quiet: true, advanced: key.startsWith('session_') }));
	const initial = Object.fromEntries(Object.keys(RESOURCES).map((key) => [key, inherited(key) ? INHERIT : String(quota.limits[key] ?? 'none')]));
	const below = (before, after) => Object.fromEntries(COUNTED
		.filter((key) => after.used && after.limits[key] !== null && after.used[key] > after.limits[key])
		.map((key) => [`limits.${key}`, `${RESOURCES[key].format(after.used[key])} are in use: nothing ends, and nothing new starts until less is used.`]));
	return html`<${ChangeDialog} title=${`Limits of ${scope === 'user_default' ? 'users without limits of their own' : name}`} fields=${fields} initial=${initial}
		before=${quota} labels=${LABELS} shown=${shownLimit} notesOf=${below} onDone=${onDone} onClose=${onClose}
		lead=${scope === 'user' ? 'A number, none for no limit, or default for what all users have.' : 'A number, or none for no limit.'}
		call=${(values, options) => api.put(quotaPath(scope, encodeURIComponent(name)), readLimits(values, scope),
			{ ...options, query: scope === 'user' || scope === 'group' ? { org: quota.org } : undefined })} />`;
}

export function QuotaMeters({ quota, compact }) {
	return html`<div class=${compact ? 'meters compact' : 'meters'}>
		${COUNTED.map((key) => html`<div key=${key}><${Meter} label=${RESOURCES[key].label} used=${quota.used?.[key] ?? 0} limit=${quota.limits[key]}
			format=${RESOURCES[key].format} /></div>`)}
	</div>`;
}

// A card with one quota; what one session may have at most stands below.
export function QuotaSection({ title, scope, name, org, editable, lead, onChange }) {
	const [editing, setEditing] = useState(false);
	const { data, error, refresh, set } = useFetch(quotaPath(scope, encodeURIComponent(name)), scope === 'user' || scope === 'group' ? { org } : undefined);
	const most = data && Object.entries(RESOURCES).filter(([key]) => key.startsWith('session_') && data.limits[key] !== null);
	return html`<${Section} title=${title} actions=${editable && data && html`<button type="button" class="button small" onClick=${() => setEditing(true)}>Change limits</button>`}>
		${lead && html`<p class="muted">${lead}</p>`}
		<${ErrorBox} error=${error} retry=${refresh} />
		${!data && !error && html`<${Spinner} />`}
		${data && data.used && html`<${QuotaMeters} quota=${data} />`}
		${data && !data.used && html`<ul class="plain">${COUNTED.map((key) => html`<li key=${key}>${RESOURCES[key].label}: ${limitWords(key, data.limits[key])}</li>`)}</ul>`}
		${most && most.length > 0 && html`<p class="muted">${most.map(([key, { label, format }]) => `${label}: at most ${format(data.limits[key])}`).join(' · ')}</p>`}
		${data && scope === 'user' && data.own.length > 0 && html`<p><${Badge}>own limits<//> <span class="muted">${data.own.map((key) => RESOURCES[key]?.label || key).join(', ')}</span></p>`}
		${editing && html`<${QuotaDialog} quota=${data} onClose=${() => {
			setEditing(false);
			refresh();
		}} onDone=${(quota) => {
			set(quota);
			onChange?.();
			notify('The limits are changed');
		}} />`}
	<//>`;
}
