// An error as a person needs it: what happened, what it means, what to do, and by which code support finds it.
import { html } from './html.js';
import { Icon } from './icons.js';

const ADVICE = {
	server_unreachable: 'Check the connection and try again.',
	unexpected_answer: 'Something between here and the server may have answered. Try again, then tell an administrator.',
	revision_mismatch: 'Somebody else changed it meanwhile. Look at what it is now and do it again.',
};

// An error that the API did not send is a fault of this page: say so instead of hiding it.
function facts(error) {
	if (error.code && error.title) {
		return error;
	}
	return { code: 'page_error', title: 'The page failed', detail: String(error.message || error), hint: 'Load the page again.' };
}

const COMMON = ['type', 'title', 'status', 'code', 'detail', 'hint', 'request_id', 'pointer', 'parameter', 'header'];

// What the code says beside the sentence, such as limit and use of a quota: "limit 5 · used 5"
function details(body) {
	return Object.entries(body || {})
		.filter(([name, value]) => !COMMON.includes(name) && value !== null && typeof value !== 'object')
		.map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`).join(' · ');
}

export function ErrorBox({ error, retry }) {
	if (!error) {
		return null;
	}
	const { code, title, detail, hint, requestId, body } = facts(error);
	const members = details(body);
	return html`<div class="error-box" role="alert">
		<${Icon} name="alert" />
		<div class="stack tight">
			<strong>${title}</strong>
			${detail && detail.replace(/\.$/, '') !== title && html`<span>${detail}</span>`}
			${members && html`<span class="small">${members}</span>`}
			<span>${ADVICE[code] || hint}</span>
			<span class="small muted">Code <code>${code}</code>${requestId && html` · request <code>${requestId}</code>`}</span>
		</div>
		${retry && html`<button type="button" class="button small" onClick=${retry}>Try again</button>`}
	</div>`;
}
