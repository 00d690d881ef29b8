// Short messages about what was done; a live region says them to screen readers.
import { html } from './html.js';
import { createStore, useStore } from './store.js';

const SHOWN_MS = { ok: 5000, danger: 12000 };
const messages = createStore([]);
let last = 0;

export function notify(text, tone = 'ok') {
	const id = ++last;
	messages.set([...messages.get(), { id, text, tone }]);
	setTimeout(() => messages.set(messages.get().filter((message) => message.id !== id)), SHOWN_MS[tone]);
}

// What a button without a dialog could not do.
export function notifyError(error) {
	notify(`${error.title || 'The page failed'}. ${error.detail || error.message} ${error.hint || ''} (${error.code || 'page_error'})`, 'danger');
}

export function Toasts() {
	const now = useStore(messages);
	return html`<div class="toasts" role="status" aria-live="polite">
		${now.map(({ id, text, tone }) => html`<div key=${id} class=${`toast ${tone}`}>${text}</div>`)}
	</div>`;
}
