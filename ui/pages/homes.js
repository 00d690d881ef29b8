// Homes: files that outlive sessions.
import { useState } from 'preact/hooks';
import { api, newKey } from '../lib/api.js';
import { Confirm, Dialog } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { ago, mib, until, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { useList } from '../lib/list.js';
import { mayChange, useMe } from '../lib/me.js';
import { Menu } from '../lib/menu.js';
import { Badge, Empty, Page, Spinner } from '../lib/page.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';

const STATE = {
	new: ['neutral', 'Not used yet'], ready: ['ok', 'Ready'], deleting: ['busy', 'Being deleted'], deleted: ['neutral', 'Deleted'],
};
const DAY = 86400;

const NAME = { name: 'name', label: 'Name', required: true, pattern: '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?', autofocus: true,
	patternHelp: 'takes small letters, digits and hyphens', help: 'Small letters, digits and hyphens.' };
const SIZE = { name: 'size_mib', label: 'Size in MiB', type: 'number', min: 1, max: 1073741824, help: 'Counts against your storage. Empty: what the installation says.' };
const KEEP = { name: 'days', pointer: '/retention_seconds', label: 'Keep after the last session, in days', type: 'number', min: 0, max: 24855,
	help: 'Empty: until it is deleted by hand.' };

const retention = ({ days }) => (days === null ? -1 : days * DAY);

function Create({ onDone, onClose }) {
	const [key] = useState(newKey);
	const submit = async (values) => {
		await api.post('/homes', { name: values.name, size_mib: values.size_mib ?? undefined, retention_seconds: retention(values) }, { key });
		onDone();
		onClose();
	};
	return html`<${Dialog} title="New home" onClose=${onClose}>
		<${Form} fields=${[NAME, SIZE, KEEP]} submit="Create" onSubmit=${submit} onCancel=${onClose} />
	<//>`;
}

function Edit({ home, onDone, onClose }) {
	const fields = home.state === 'new' ? [NAME, SIZE, KEEP] : [NAME, KEEP];
	const initial = {
		name: home.name, size_mib: home.size_mib ? String(home.size_mib) : '',
		days: home.retention_seconds === null ? '' : String(Math.round(home.retention_seconds / DAY)),
	};
	const submit = async (values) => {
		const size = values.size_mib && values.size_mib !== home.size_mib ? { size_mib: values.size_mib } : {};
		await api.patch(`/homes/${home.id}`, { name: values.name, ...size, retention_seconds: retention(values) }, { ifRevision: home.revision });
		onDone();
		onClose();
	};
	return html`<${Dialog} title=${`Change ${home.name}`} onClose=${onClose}>
		<${Form} fields=${fields} initial=${initial} submit="Save" onSubmit=${submit} onCancel=${onClose} />
	<//>`;
}

function kept(home) {
	if (home.session) {
		return 'while it is used';
	}
	return home.delete_at ? `deleted ${until(home.delete_at)}` : 'until it is deleted';
}

export default function Homes() {
	const me = useMe();
	const list = useList('/homes', { owner: me.name, limit: 200 });
	const [dialog, setDialog] = useState(null);
	const close = () => setDialog(null);
	const remove = async () => {
		await api.del(`/homes/${dialog.home.id}`);
		notify(`${dialog.home.name} is being deleted`);
		list.refresh();
	};
	const columns = [
		{ key: 'name', label: 'Name', render: (home) => html`<strong>${home.name}</strong>` },
		{ key: 'state', label: 'State', render: (home) => html`<${Badge} tone=${STATE[home.state][0]}>${STATE[home.state][1]}<//>` },
		{ key: 'session', label: 'Used by', render: (home) => (home.session ? html`<a href=${`/sessions/${home.session}`}>a session</a>` : '–') },
		{ key: 'size', label: 'Size', align: 'right', render: (home) => (home.size_mib ? mib(home.size_mib) : '–') },
		{ key: 'agent', label: 'Lies on', render: (home) => home.agent || '–' },
		{ key: 'last', label: 'Last used', render: (home) => html`<span title=${when(home.last_used_at)}>${home.session ? 'now' : ago(home.last_used_at)}</span>` },
		{ key: 'kept', label: 'Kept', render: kept },
		mayChange() && { key: 'more', label: html`<span class="hidden-text">Actions</span>`, align: 'right', render: (home) => home.state !== 'deleting' && html`<${Menu} label=${`More for ${home.name}`} items=${[
			{ label: 'Change', icon: 'edit', onSelect: () => setDialog({ what: 'edit', home }) },
			{ label: 'Delete', icon: 'trash', danger: true, disabled: !!home.session, hint: home.session && 'A session uses it',
				onSelect: () => setDialog({ what: 'delete', home }) },
		]} />` },
	].filter(Boolean);
	const add = mayChange() && html`<button type="button" class="button primary" onClick=${() => setDialog({ what: 'create' })}><${Icon} name="plus" size="18" />New home</button>`;
	const none = list.read && list.items.length === 0;
	return html`<${Page} title="Homes" actions=${!none && add} lead="A home keeps files when a session ends. The next session that uses it finds them again.">
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${!list.read && list.loading && html`<${Spinner} />`}
		${none && html`<${Empty} icon="home" title="No home yet" action=${add}>The first session of a template makes one by itself. Make one here to share it between templates.<//>`}
		${list.items.length > 0 && html`<${Table} label="Homes" columns=${columns} rows=${list.items} keyOf=${(home) => home.id} list=${list} />`}
		${dialog?.what === 'create' && html`<${Create} onDone=${list.refresh} onClose=${close} />`}
		${dialog?.what === 'edit' && html`<${Edit} home=${dialog.home} onDone=${list.refresh} onClose=${close} />`}
		${dialog?.what === 'delete' && html`<${Confirm} title="Delete the home?" action="Delete" danger word=${dialog.home.name} onConfirm=${remove} onClose=${close}>
			<p>All files in <strong>${dialog.home.name}</strong> are deleted. This cannot be undone.</p><//>`}
	<//>`;
}
