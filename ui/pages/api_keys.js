// API keys: credentials for programs, shown once.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Copyable } from '../lib/copyable.js';
import { Confirm, Dialog } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { ago, until, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { useList } from '../lib/list.js';
import { may, mayChange, useMe } from '../lib/me.js';
import { Badge, Empty, Page, Spinner } from '../lib/page.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';

const DAY_MS = 86400000;

function fields() {
	return [
		{ name: 'name', label: 'Name', required: true, maxLength: 100, autofocus: true, help: 'What it is for, for example: ci' },
		{ name: 'read', label: 'May look at things', type: 'checkbox', value: true, pointer: '/scopes' },
		{ name: 'sessions', label: 'May start, stop and change sessions and homes', type: 'checkbox', pointer: '/-' },
		may('platform_admin', 'org_admin') && { name: 'admin', label: 'May administer: worth as much as your log-in', type: 'checkbox', pointer: '/-' },
		{ name: 'days', pointer: '/expires_at', label: 'Valid for days', type: 'number', required: true, min: 1, max: 3650, value: '90' },
	].filter(Boolean);
}

function Create({ onDone, onClose }) {
	const [secret, setSecret] = useState(null);
	const submit = async (values) => {
		const scopes = ['read', 'sessions', 'admin'].filter((scope) => values[scope]);
		const made = await api.post('/api-keys', { name: values.name, scopes, expires_at: new Date(Date.now() + values.days * DAY_MS).toISOString() });
		setSecret(made.secret);
		onDone();
	};
	if (secret) {
		return html`<${Dialog} title="Your new API key" onClose=${onClose}>
			<div class="stack">
				<p>Copy it now: <strong>it is not shown again.</strong> Programs send it as <code>Authorization: Bearer …</code></p>
				<${Copyable} label="Secret" value=${secret} />
				<div class="dialog-actions"><button type="button" class="button primary" onClick=${onClose}>Done</button></div>
			</div>
		<//>`;
	}
	return html`<${Dialog} title="New API key" onClose=${onClose}>
		<${Form} fields=${fields()} submit="Create" onSubmit=${submit} onCancel=${onClose} />
	<//>`;
}

export default function ApiKeys() {
	const me = useMe();
	const list = useList('/api-keys', { user: may('platform_admin', 'org_admin', 'auditor') ? me.name : undefined, limit: 200 });
	const [dialog, setDialog] = useState(null);
	const close = () => setDialog(null);
	const revoke = async () => {
		await api.del(`/api-keys/${dialog.key.id}`);
		notify(`${dialog.key.name} opens nothing any more`);
		list.refresh();
	};
	const columns = [
		{ key: 'name', label: 'Name', render: (key) => html`<strong>${key.name}</strong>` },
		{ key: 'prefix', label: 'Begins with', render: (key) => html`<code>${key.prefix}…</code>` },
		{ key: 'scopes', label: 'May', render: (key) => html`<span class="row">${key.scopes.map((scope) => html`<${Badge} key=${scope} tone=${scope === 'admin' ? 'warn' : 'neutral'}>${scope}<//>`)}</span>` },
		{ key: 'used', label: 'Last used', render: (key) => ago(key.last_used_at) },
		{ key: 'expires', label: 'Ends', render: (key) => html`<span title=${when(key.expires_at)}>${until(key.expires_at)}</span>` },
		{ key: 'end', label: html`<span class="hidden-text">Actions</span>`, align: 'right', render: (key) => html`<button type="button" class="button small"
			aria-label=${`Revoke ${key.name}`} onClick=${() => setDialog({ key })}>Revoke</button>` },
	];
	const add = mayChange() && html`<button type="button" class="button primary" onClick=${() => setDialog('create')}><${Icon} name="plus" size="18" />New API key</button>`;
	const none = list.read && list.items.length === 0;
	return html`<${Page} title="API keys" actions=${!none && add} lead="For programs that act for you. A key does what you may do, within its scopes, until it ends.">
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${!list.read && list.loading && html`<${Spinner} />`}
		${none && html`<${Empty} icon="key" title="No API key" action=${add}>Make one to use StreamSpace from scripts and other programs.<//>`}
		${list.items.length > 0 && html`<${Table} label="API keys" columns=${columns} rows=${list.items} keyOf=${(key) => key.id} list=${list} />`}
		${dialog === 'create' && html`<${Create} onDone=${list.refresh} onClose=${close} />`}
		${dialog?.key && html`<${Confirm} title="Revoke the API key?" action="Revoke" danger onConfirm=${revoke} onClose=${close}>
			<p>Programs that use <strong>${dialog.key.name}</strong> are refused from now on.</p><//>`}
	<//>`;
}
