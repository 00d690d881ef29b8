// A secret that is shown once: to copy, with what it is good for. It is gone when the dialog closes.
import { Copyable } from './copyable.js';
import { Dialog } from './dialog.js';
import { html } from './html.js';

export function ShownOnce({ title, label, value, onClose, children }) {
	return html`<${Dialog} title=${title} onClose=${onClose}>
		<div class="stack">
			${children}
			<${Copyable} label=${label} value=${value} />
			<p class="muted">It is shown this once. Who has it needs nothing else, so send it by a way that you trust.</p>
			<div class="dialog-actions"><button type="button" class="button primary" onClick=${onClose}>Done</button></div>
		</div>
	<//>`;
}

export const setPasswordLink = (token) => `${window.location.origin}/set-password#token=${token}`;
