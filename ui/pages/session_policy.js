// One's own, stricter rules of when a session stops by itself.
import { api } from '../lib/api.js';
import { Dialog } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { duration } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch } from '../lib/list.js';
import { Spinner } from '../lib/page.js';
import { notify } from '../lib/toast.js';

const scaled = (value, size) => (value === null ? '' : String(Math.round(value / size)));
const now = (seconds, none) => (seconds ? `Now: ${duration(seconds)}.` : `Now: ${none}.`);

function fields({ effective }) {
	return [
		{ name: 'idle', pointer: '/idle_seconds', label: 'Hibernate after minutes without input', type: 'number', min: 1, max: 525600,
			help: `${now(effective.idle_seconds, 'never')} Empty: as the other rules say.` },
		{ name: 'longest', pointer: '/max_seconds', label: 'Longest run, in hours', type: 'number', min: 1, max: 8760,
			help: `${now(effective.max_seconds, 'no limit')} Empty: as the other rules say.` },
		{ name: 'action', pointer: '/max_action', label: 'What happens then', type: 'select',
			options: [{ value: '', label: 'As the other rules say' }, { value: 'hibernate', label: 'It hibernates' }, { value: 'terminate', label: 'It ends' }] },
	];
}

export function PolicyDialog({ session, onDone, onClose }) {
	const path = `/sessions/${session.id}/policy`;
	const { data, error, refresh } = useFetch(path);
	const submit = async ({ idle, longest, action }) => {
		await api.put(path, { idle_seconds: idle && idle * 60, max_seconds: longest && longest * 3600, max_action: action },
			{ ifRevision: data.policy.revision || undefined });
		notify('The rules of this session are changed');
		onDone();
		onClose();
	};
	return html`<${Dialog} title="Rules of this session" onClose=${onClose}>
		<${ErrorBox} error=${error} retry=${refresh} />
		${!data && !error && html`<${Spinner} />`}
		${data && html`<${Form} fields=${fields(data)} submit="Save" onSubmit=${submit} onCancel=${onClose}
			initial=${{ idle: scaled(data.policy.idle_seconds, 60), longest: scaled(data.policy.max_seconds, 3600), action: data.policy.max_action || '' }}>
			<p class="muted">You may be stricter than the rules of your organisation, not looser.</p><//>`}
	<//>`;
}
