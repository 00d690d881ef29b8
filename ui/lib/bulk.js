// One action for many sessions: a dry run says how many would and which refuse, then it is done, and each row tells its result.
import { useEffect, useState } from 'preact/hooks';
import { api, newKey } from './api.js';
import { Dialog } from './dialog.js';
import { ErrorBox } from './error_box.js';
import { html } from './html.js';
import { Badge, Spinner } from './page.js';
import { Table } from './table.js';

export const ACTIONS = {
	hibernate: { label: 'Hibernate', done: 'hibernate', what: 'Their programs end; what lies in their homes stays. They can be woken.' },
	wake: { label: 'Wake', done: 'wake', what: 'They start again where their homes lie, as far as there is room.' },
	terminate: { label: 'Terminate', done: 'terminate', danger: true, what: 'They end for good. Homes stay.' },
	add_tag: { label: 'Add tag', done: 'get the tag', argument: true, what: 'Those that have it already keep it.' },
	remove_tag: { label: 'Remove tag', done: 'lose the tag', argument: true, what: 'Those that do not have it stay as they are.' },
};

const COLUMNS = [
	{ key: 'session', label: 'Session', render: (row) => html`<a href=${`/sessions/${row.session}`}><code>${row.session}</code></a>` },
	{ key: 'result', label: 'Result', render: (row) => (row.result === 'ok' ? html`<${Badge} tone="ok">ok<//>` : html`<${Badge} tone="danger">${row.result}<//>`) },
	{ key: 'detail', label: 'Why', render: (row) => (row.detail ? Object.entries(row.detail).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ') : '') },
];

function counted(items) {
	const counts = new Map();
	for (const { result } of items) {
		counts.set(result, (counts.get(result) || 0) + 1);
	}
	return [...counts].filter(([result]) => result !== 'ok').sort((a, b) => b[1] - a[1]);
}

const many = (count) => `${count.toLocaleString()} ${count === 1 ? 'session' : 'sessions'}`;

// `which` is {sessions: [ids]} or {filter}; both go with the organisation.
export function BulkDialog({ action, which, org, onDone, onClose }) {
	const { label, done, argument: wants, danger, what } = ACTIONS[action];
	const [argument, setArgument] = useState('');
	const [asked, setAsked] = useState(!wants);
	const [state, setState] = useState({});
	const [key] = useState(newKey);
	const body = { ...which, action, argument: wants ? argument : undefined, org };

	const run = async (name, options) => {
		setState((now) => ({ ...now, busy: true, error: null }));
		try {
			const answer = await api.post('/sessions:bulk', body, options);
			setState((now) => ({ ...now, [name]: answer, busy: false }));
			return answer;
		} catch (error) {
			setState((now) => ({ ...now, error, busy: false }));
			return null;
		}
	};
	useEffect(() => {
		if (asked) {
			run('preview', { dryRun: true });
		}
	}, [asked]);

	const perform = async (event) => {
		event.preventDefault();
		if (!asked) {
			setAsked(true);
		} else if (await run('result', { key })) {
			onDone();
		}
	};
	const { preview, result, error, busy } = state;
	const shown = result || preview;
	return html`<${Dialog} title=${result ? `${label}: done` : label} kind="wide" onClose=${onClose}>
		<form class="stack" onSubmit=${perform}>
			${wants && !result && html`<label class="field"><span class="label">Tag</span><input type="text" required maxlength="63" autofocus spellcheck="false" autocapitalize="none" value=${argument}
				readonly=${asked} onInput=${(event) => setArgument(event.target.value)} /><span class="help">Lower-case letters and digits, inside also . _ : / -</span></label>`}
			${busy && html`<${Spinner} label=${preview ? 'Working' : 'Looking at what would happen'} />`}
			<${ErrorBox} error=${error} />
			${shown && html`<div class="stack tight" role="status">
				<p>${result ? html`<strong>${many(result.changed)}</strong> changed${result.refused > 0 ? html`, <strong>${many(result.refused)}</strong> refused.` : '.'}`
					: html`<strong>${many(preview.changed)}</strong> would ${done}${preview.refused > 0 ? html`; <strong>${many(preview.refused)}</strong> would refuse.` : '.'} ${what}`}</p>
				${shown.more && html`<p><strong>There are more than ${shown.items.length.toLocaleString()}:</strong> the oldest are taken. Do it again for the rest.</p>`}
				${counted(shown.items).map(([code, count]) => html`<p key=${code} class="muted"><code>${code}</code>: ${many(count)}</p>`)}
			</div>`}
			${shown && shown.items.length > 0 && html`<${Table} label=${result ? 'Result of each session' : 'What each session would do'} columns=${COLUMNS} rows=${shown.items} keyOf=${(row) => row.session} />`}
			<div class="dialog-actions">
				<button type="button" class="button" onClick=${onClose}>${result ? 'Close' : 'Cancel'}</button>
				${!result && html`<button type="submit" class=${danger ? 'button danger' : 'button primary'} disabled=${busy || (asked && !(preview?.changed > 0))}>${asked ? label : 'Next'}</button>`}
			</div>
		</form>
	<//>`;
}
