// What one can do with a session: the next step as a button, the rest in a menu, each with its dialog.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Confirm, Dialog } from '../lib/dialog.js';
import { Form } from '../lib/form.js';
import { duration } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { isMine } from '../lib/me.js';
import { Menu } from '../lib/menu.js';
import { nameOf } from '../lib/session.js';
import { notify, notifyError } from '../lib/toast.js';
import { Shares } from './session_shares.js';

const HOURS = [1, 2, 4, 8, 24];

function Primary({ session, onRetry, busy }) {
	const { state, id } = session;
	if (state === 'failed') {
		return html`<button type="button" class="button primary" disabled=${busy} onClick=${onRetry}><${Icon} name="refresh" size="18" />Retry</button>`;
	}
	if (state === 'terminated') {
		return html`<a class="button" href=${`/catalog/${session.template}`}><${Icon} name="play" size="18" />Start another</a>`;
	}
	if (state === 'terminating' || state === 'hibernating') {
		return null;
	}
	const label = { running: 'Open', hibernated: 'Wake and open' }[state] || 'Watch it start';
	return html`<a class=${state === 'running' || state === 'hibernated' ? 'button primary' : 'button'} href=${`/view/${id}`}>
		<${Icon} name=${state === 'hibernated' ? 'play' : 'desktop'} size="18" />${label}</a>`;
}

function Extend({ session, onDone, onClose }) {
	const submit = async ({ seconds }) => {
		onDone(await api.post(`/sessions/${session.id}:extend`, { seconds: Number(seconds) }));
		notify(`${nameOf(session)} is kept for ${duration(Number(seconds))}`);
		onClose();
	};
	const fields = [{
		name: 'seconds', label: 'Keep it running for', type: 'select', required: true, value: '3600',
		options: HOURS.map((hours) => ({ value: String(hours * 3600), label: hours === 1 ? '1 hour' : `${hours} hours` })),
		help: 'Until then neither idle time nor working hours nor the longest run stops it.',
	}];
	return html`<${Dialog} title="Keep running" onClose=${onClose}>
		<${Form} fields=${fields} submit="Keep it" onSubmit=${submit} onCancel=${onClose} />
	<//>`;
}

function Describe({ session, onDone, onClose }) {
	const fields = [
		{ name: 'name', label: 'Name', maxLength: 200, autofocus: true },
		{ name: 'notes', label: 'Notes', type: 'textarea', maxLength: 4000 },
		{ name: 'tags', label: 'Tags', type: 'tags', help: 'Separated by spaces: small letters, digits and . _ : / -' },
	];
	const submit = async ({ name, notes, tags }) => {
		onDone(await api.patch(`/sessions/${session.id}`, { name: name || '', notes: notes || '', tags }));
		onClose();
	};
	return html`<${Dialog} title="Name, notes and tags" onClose=${onClose}>
		<${Form} fields=${fields} initial=${{ name: session.name, notes: session.notes, tags: session.tags.join(' ') }}
			submit="Save" onSubmit=${submit} onCancel=${onClose} />
	<//>`;
}

function Ask({ session, what, onDone, onClose }) {
	const name = html`<strong>${nameOf(session)}</strong>`;
	const files = session.home
		? html`<p>Files in its home <strong>${session.home.name}</strong> are kept.</p>`
		: html`<p>It has no home: <strong>all its files are lost.</strong></p>`;
	if (what === 'hibernate') {
		return html`<${Confirm} title="Hibernate?" action="Hibernate" onClose=${onClose}
			onConfirm=${async () => onDone(await api.post(`/sessions/${session.id}:hibernate`))}>
			<p>The programs of ${name} end and its place becomes free. Save your work first.</p>${files}
		<//>`;
	}
	const force = what === 'force';
	return html`<${Confirm} title=${force ? 'Terminate by force?' : 'Terminate?'} action="Terminate" danger onClose=${onClose}
		onConfirm=${async () => onDone(await api.del(`/sessions/${session.id}`, undefined, { query: force ? { force: true } : {} }))}>
		<p>${force ? html`${name} counts as ended at once; its agent cleans up when it can.` : html`${name} ends for good.`}</p>${files}
	<//>`;
}

export function SessionActions({ session, onChange }) {
	const [dialog, setDialog] = useState(null);
	const [busy, setBusy] = useState(false);
	const close = () => setDialog(null);
	const { state, id } = session;

	const act = (verb) => async () => {
		setBusy(true);
		try {
			onChange(await api.post(`/sessions/${id}:${verb}`));
		} catch (error) {
			notifyError(error);
		}
		setBusy(false);
	};
	const mine = isMine(session);
	const living = state !== 'terminated';
	const open = (name) => () => setDialog(name);
	const items = [
		living && { label: 'Name, notes and tags', icon: 'edit', onSelect: open('describe') },
		living && { label: 'Share', icon: 'share', onSelect: open('share') },
		state === 'running' && { label: 'Keep running', icon: 'clock', onSelect: open('extend') },
		state === 'running' && { label: 'Hibernate', icon: 'moon', onSelect: open('hibernate') },
		state === 'hibernated' && { label: 'Wake', icon: 'play', onSelect: act('wake') },
		living && state !== 'terminating' && { label: 'Terminate', icon: 'trash', danger: true, onSelect: open('terminate') },
		(state === 'terminating' || (living && session.reason === 'agent_offline'))
			&& { label: 'Terminate by force', icon: 'trash', danger: true, onSelect: open('force') },
	].filter(Boolean);

	return html`<div class="row session-actions">
		${(mine || state !== 'failed') && html`<${Primary} session=${session} onRetry=${act('retry')} busy=${busy} />`}
		${mine && items.length > 0 && html`<${Menu} label=${`More for ${nameOf(session)}`} items=${items} />`}
		${dialog === 'extend' && html`<${Extend} session=${session} onDone=${onChange} onClose=${close} />`}
		${dialog === 'describe' && html`<${Describe} session=${session} onDone=${onChange} onClose=${close} />`}
		${dialog === 'share' && html`<${Dialog} title=${`Share ${nameOf(session)}`} onClose=${close}><${Shares} session=${session} /><//>`}
		${['hibernate', 'terminate', 'force'].includes(dialog) && html`<${Ask} session=${session} what=${dialog} onDone=${onChange} onClose=${close} />`}
	</div>`;
}
