// A spec as text: edited, tried by a dry run that shows the differences, and saved.
import { useRef, useState } from 'preact/hooks';
import { api } from './api.js';
import { Diff, pretty } from './diff.js';
import { ErrorBox } from './error_box.js';
import { html } from './html.js';
import { notify } from './toast.js';

// Where JSON.parse stopped, as a line: engines say it in their own words, or only the position.
function parse(text) {
	try {
		return JSON.parse(text);
	} catch (error) {
		const position = /position (\d+)/.exec(error.message);
		const line = position ? text.slice(0, Number(position[1])).split('\n').length : null;
		throw Object.assign(new Error(error.message), { code: 'invalid_json', title: 'The text is not valid JSON',
			detail: line ? `Line ${line}: ${error.message}` : error.message, hint: 'Names and texts stand in double quotes; no comma after the last one.' });
	}
}

// `template` is what is there now, null for a new one; `start` the text to begin with.
export function SpecEditor({ name, org, template, start, onSaved, onCancel }) {
	const [text, setText] = useState(start ?? pretty(template.spec));
	const [preview, setPreview] = useState(null);
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const area = useRef(null);
	const put = (options) => api.put(`/templates/${encodeURIComponent(name())}`, parse(text), { ...options, query: { org }, ifRevision: template?.revision });
	const run = async (work) => {
		setBusy(true);
		setError(null);
		try {
			await work();
		} catch (failure) {
			setError(failure);
			area.current?.focus();
		}
		setBusy(false);
	};
	const look = () => run(async () => setPreview({ text, after: await put({ dryRun: true }) }));
	const save = () => run(async () => {
		const saved = await put();
		notify(template && saved.revision === template.revision ? 'Nothing was different: the revision stays' : `Saved as revision ${saved.revision}`);
		onSaved(saved);
	});
	const current = preview && preview.text === text ? preview.after : null;
	// A tab moves on as everywhere: the spec is indented by blanks.
	return html`<div class="stack">
		<label class="field"><span class="label">Spec, as JSON</span>
			<textarea ref=${area} class="code" rows="22" spellcheck="false" autocapitalize="none" value=${text} aria-invalid=${error ? 'true' : undefined}
				onInput=${(event) => setText(event.target.value)}></textarea>
			<span class="help">A whole document of kind Template is taken too. What a spec can say stands in the guide to templates.</span></label>
		<${ErrorBox} error=${error} />
		${error?.pointer && html`<p>It is about <code>${error.pointer}</code>.</p>`}
		${current && html`<div class="stack" role="status"><h3>${template ? `What revision ${current.revision} would change` : 'What would be made'}</h3>
			${template && current.revision === template.revision ? html`<p>The same content keeps its revision: nothing would change.</p>`
				: html`<${Diff} label="Differences" before=${template ? pretty(template.spec) : ''} after=${pretty(current.spec)} />
					${template && html`<p class="muted">Sessions that there are keep their revision; new ones get this one. Copies in other organisations follow.</p>`}`}</div>`}
		<div class="dialog-actions">
			${onCancel && html`<button type="button" class="button" onClick=${onCancel}>Cancel</button>`}
			<button type="button" class=${current ? 'button' : 'button primary'} disabled=${busy} onClick=${look}>Preview</button>
			<button type="button" class="button primary" disabled=${busy || !current} onClick=${save}>Save</button>
		</div>
	</div>`;
}
