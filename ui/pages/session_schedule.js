// The working hours of a session.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Dialog } from '../lib/dialog.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { html } from '../lib/html.js';
import { useFetch } from '../lib/list.js';
import { Section, Spinner } from '../lib/page.js';
import { notify } from '../lib/toast.js';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const zones = () => Intl.supportedValuesOf?.('timeZone') || [];

function sentence({ days, start, stop, time_zone: zone, enabled }) {
	const on = days.length === 7 ? 'every day' : days.map((day) => DAYS[day - 1]).join(', ');
	const acts = [start && `wakes at ${start}`, stop && `hibernates at ${stop}`].filter(Boolean).join(' and ');
	return `${enabled ? '' : 'Switched off: '}${acts} on ${on} (${zone}).`.replace('on every', 'every').replace(/^./, (letter) => letter.toUpperCase());
}

function Edit({ session, schedule, onDone, onClose }) {
	const fields = [
		{ name: 'days', label: 'Days on which the hours begin', type: 'days', required: true, value: [1, 2, 3, 4, 5] },
		{ name: 'start', label: 'Wake at', type: 'time', value: '08:00' },
		{ name: 'stop', label: 'Hibernate at', type: 'time', value: '18:00', help: 'An hour before the start means the next day.' },
		{ name: 'time_zone', label: 'Time zone', required: true, value: here(), suggestions: zones() },
		{ name: 'enabled', label: 'The working hours hold', type: 'checkbox', value: true },
	];
	const submit = async (values) => {
		onDone(await api.put(`/sessions/${session.id}/schedule`, values));
		notify('Working hours are set');
		onClose();
	};
	return html`<${Dialog} title="Working hours" onClose=${onClose}>
		<${Form} fields=${fields} initial=${schedule} submit="Save" onSubmit=${submit} onCancel=${onClose} />
	<//>`;
}

export function Schedule({ session, changeable }) {
	const { data, error, loading, refresh, set } = useFetch(`/sessions/${session.id}/schedule`);
	const [editing, setEditing] = useState(false);
	const [failure, setFailure] = useState(null);
	const none = error?.code === 'schedule_not_found';
	const remove = async () => {
		setFailure(null);
		try {
			await api.del(`/sessions/${session.id}/schedule`);
			notify('It has no working hours any more');
			refresh();
		} catch (problem) {
			setFailure(problem);
		}
	};
	const actions = changeable && html`<div class="row">
		${data && !none && html`<button type="button" class="button small" onClick=${remove}>Remove</button>`}
		<button type="button" class="button small" onClick=${() => setEditing(true)}>${none ? 'Set working hours' : 'Change'}</button></div>`;
	return html`<${Section} title="Working hours" actions=${actions}>
		<${ErrorBox} error=${failure || (none ? null : error)} />
		${loading && !data && html`<${Spinner} />`}
		${none && html`<p class="muted">None: it wakes and hibernates by hand, or by other rules.</p>`}
		${data && !none && html`<p>${sentence(data)}</p>`}
		${editing && html`<${Edit} session=${session} schedule=${none ? null : data} onDone=${set} onClose=${() => setEditing(false)} />`}
	<//>`;
}
