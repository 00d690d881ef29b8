// Changes that are looked at before they are made: a dry run says what would happen, then one says yes.
import { useEffect, useState } from 'preact/hooks';
import { Dialog } from './dialog.js';
import { ErrorBox } from './error_box.js';
import { Form } from './form.js';
import { html } from './html.js';
import { Spinner } from './page.js';

const COUNTERS = new Set(['revision', 'updated_at', 'used', 'usage', 'set', 'last_heartbeat_at', 'active_sessions']);

// Leaves of an object by path, without what moves by itself: {limits: {sessions: 5}} → [['limits.sessions', 5]].
function leaves(value, path = '') {
	if (value === null || typeof value !== 'object' || Array.isArray(value)) {
		return [[path, value]];
	}
	return Object.entries(value).filter(([name]) => !COUNTERS.has(name))
		.flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

export function text(value) {
	if (value === null || value === undefined || value === '') {
		return '–';
	}
	if (typeof value === 'boolean') {
		return value ? 'yes' : 'no';
	}
	return Array.isArray(value) ? value.join(', ') || '–' : String(value);
}

// What differs between two answers of the API: [{path, before, after}].
export function differences(before, after) {
	const was = new Map(leaves(before));
	const will = new Map(leaves(after));
	return [...new Set([...was.keys(), ...will.keys()])]
		.filter((path) => JSON.stringify(was.get(path)) !== JSON.stringify(will.get(path)))
		.map((path) => ({ path, before: was.get(path), after: will.get(path) }));
}

export function Differences({ before, after, labels = {}, shown = text, notes = {} }) {
	const rows = differences(before, after);
	if (rows.length === 0) {
		return html`<p>Nothing would change.</p>`;
	}
	return html`<table class="changes" aria-label="What would change">
		<thead><tr><th scope="col">What</th><th scope="col">Now</th><th scope="col">Then</th></tr></thead>
		<tbody>${rows.map(({ path, before: was, after: will }) => html`<tr key=${path}>
			<th scope="row">${labels[path] || path}${notes[path] && html`<span class="help">${notes[path]}</span>`}</th>
			<td><del>${shown(was, path)}</del></td><td><ins>${shown(will, path)}</ins></td></tr>`)}</tbody>
	</table>`;
}

// A form, then what would change, then the change. call(values, options) does both, with {dryRun: true} first.
export function ChangeDialog({ title, lead, fields, initial, before, call, labels, shown, notesOf, onDone, onClose, action = 'Apply' }) {
	const [preview, setPreview] = useState(null);
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const look = async (values) => {
		setPreview({ values, after: await call(values, { dryRun: true, ifRevision: before.revision || undefined }) });
	};
	const apply = async () => {
		setBusy(true);
		setError(null);
		try {
			onDone(await call(preview.values, { ifRevision: before.revision || undefined }));
			onClose();
		} catch (failure) {
			setError(failure);
			setBusy(false);
		}
	};
	const nothing = preview && differences(before, preview.after).length === 0;
	return html`<${Dialog} title=${title} onClose=${onClose} kind="wide">
		<div hidden=${!!preview}>
			<${Form} fields=${fields} initial=${initial} submit="Preview" onSubmit=${look} onCancel=${onClose}>${lead && html`<p>${lead}</p>`}<//>
		</div>
		${preview && html`<div class="stack">
			<${Differences} before=${before} after=${preview.after} labels=${labels} shown=${shown} notes=${notesOf?.(before, preview.after)} />
			<${ErrorBox} error=${error} />
			<div class="dialog-actions">
				<button type="button" class="button" onClick=${() => setPreview(null)}>Back</button>
				<button type="button" class="button primary" disabled=${busy || nothing} autofocus onClick=${apply}>${action}</button>
			</div>
		</div>`}
	<//>`;
}

// Asks before something happens, with what a dry run says would happen. `preview()` makes the dry run; when it is refused,
// the refusal is shown and nothing can be done. `children(result)` says what will happen.
export function AskFirst({ title, action, danger = true, word, preview, perform, onDone, onClose, children }) {
	const [state, setState] = useState({ result: null, error: null });
	const [failure, setFailure] = useState(null);
	const [busy, setBusy] = useState(false);
	const [typed, setTyped] = useState('');
	useEffect(() => {
		preview().then((result) => setState({ result, error: null }), (error) => setState({ result: null, error }));
	}, []);
	const submit = async (event) => {
		event.preventDefault();
		setBusy(true);
		setFailure(null);
		try {
			const answer = await perform(state.result);
			onClose();
			onDone(answer);
		} catch (error) {
			setFailure(error);
			setBusy(false);
		}
	};
	const ready = state.result && (!word || typed === word);
	return html`<${Dialog} title=${title} onClose=${onClose}>
		<form class="stack" onSubmit=${submit}>
			${!state.result && !state.error && html`<${Spinner} label="Looking at what would happen" />`}
			<${ErrorBox} error=${state.error || failure} />
			${state.result && html`<div class="stack tight">${children(state.result)}</div>`}
			${state.result && word && html`<label class="field"><span class="label">Type <code>${word}</code> to go on</span>
				<input type="text" autocomplete="off" autocapitalize="none" spellcheck="false" value=${typed}
					onInput=${(event) => setTyped(event.target.value)} /></label>`}
			<div class="dialog-actions">
				<button type="button" class="button" onClick=${onClose}>Cancel</button>
				<button type="submit" class=${danger ? 'button danger' : 'button primary'} disabled=${!ready || busy}>${action}</button>
			</div>
		</form>
	<//>`;
}
