// When sessions are stopped by themselves: what a scope says, and the dialog that changes it.
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { ChangeDialog } from './change.js';
import { ErrorBox } from './error_box.js';
import { person, when } from './format.js';
import { html } from './html.js';
import { useFetch } from './list.js';
import { Section, Spinner } from './page.js';
import { readSeconds, writeSeconds } from './seconds.js';
import { notify } from './toast.js';

const VALUES = {
	idle_seconds: { label: 'Hibernate when idle for', help: 'Time without input, such as 30m; never: not at all; empty: this scope says nothing' },
	max_seconds: { label: 'Longest run', help: 'Such as 10h; never: no bound; empty: this scope says nothing' },
	max_action: { label: 'At the longest run', options: [{ value: 'hibernate', label: 'Hibernate it' }, { value: 'terminate', label: 'Terminate it' }] },
	warn_seconds: { label: 'Warn before', help: 'Such as 5m; never: no warning' },
	extend_seconds: { label: 'May be put off by', help: 'Such as 8h; never: not at all' },
};
const LABELS = Object.fromEntries(Object.entries(VALUES).map(([name, { label }]) => [name, label]));

export const policyPath = (scope, name) => `/${{ org: 'orgs', group: 'groups', user: 'users', template: 'templates' }[scope]}/${encodeURIComponent(name)}/policy`;

export function policyWords(value, key) {
	if (value === null || value === undefined) {
		return 'not said';
	}
	return key === 'max_action' ? value : writeSeconds(value);
}

export function PolicyDialog({ policy, onDone, onClose }) {
	const { scope } = policy;
	const fields = Object.entries(VALUES).map(([name, { label, help, options }]) => ({ name, label, help, options, type: options ? 'select' : 'text', quiet: true }));
	const initial = Object.fromEntries(Object.keys(VALUES).map((name) => [name, name === 'max_action' ? policy[name] ?? '' : writeSeconds(policy[name])]));
	const read = (values) => Object.fromEntries(Object.keys(VALUES).map((name) => [name,
		name === 'max_action' ? values[name] : readSeconds(values[name], `/${name}`)]));
	return html`<${ChangeDialog} title=${`When sessions of ${scope === 'org' ? 'the organisation' : `${scope} ${policy.name}`} stop`} fields=${fields} initial=${initial}
		lead="What is empty is left to wider scopes. Running sessions follow within seconds." before=${policy} labels=${LABELS} shown=${policyWords}
		call=${(values, options) => api.put(policyPath(scope, policy.name), read(values), { ...options, query: scope === 'org' ? undefined : { org: policy.org } })}
		onDone=${onDone} onClose=${onClose} />`;
}

export function PolicySection({ title, scope, name, org, editable, lead }) {
	const [editing, setEditing] = useState(false);
	const { data, error, refresh, set } = useFetch(policyPath(scope, name), scope === 'org' ? undefined : { org });
	return html`<${Section} title=${title} actions=${editable && data && html`<button type="button" class="button small" onClick=${() => setEditing(true)}>Change policy</button>`}>
		${lead && html`<p class="muted">${lead}</p>`}
		<${ErrorBox} error=${error} retry=${refresh} />
		${!data && !error && html`<${Spinner} />`}
		${data && html`<dl class="facts">${Object.entries(VALUES).map(([key, { label }]) => html`<div key=${key}><dt>${label}</dt><dd>${policyWords(data[key], key)}
			${data.set[key] && html`<span class="help"> by ${person(data.set[key].by)}, ${when(data.set[key].at)}</span>`}</dd></div>`)}</dl>`}
		${editing && html`<${PolicyDialog} policy=${data} onClose=${() => {
			setEditing(false);
			refresh();
		}} onDone=${(policy) => {
			set(policy);
			notify('The policy is changed');
		}} />`}
	<//>`;
}
