// Dialogs by the browser's own <dialog>: it keeps the focus inside, closes on Escape and gives the focus back. Everything
// outside is out of reach meanwhile, so short messages are said in here too.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { ErrorBox } from './error_box.js';
import { Icon } from './icons.js';
import { Toasts } from './toast.js';

let dialogs = 0;

export function Dialog({ title, onClose, children, kind = '' }) {
	const element = useRef(null);
	const name = useRef(null);
	name.current ??= `dialog-${++dialogs}`;
	useEffect(() => {
		const dialog = element.current;
		dialog.showModal();
		// The browser would begin with the button that closes; what the dialog is about comes first.
		if (!dialog.querySelector('[autofocus]')) {
			dialog.querySelector('.dialog-body :is(input, select, textarea, button, a)')?.focus();
		}
		return () => dialog.close();
	}, []);
	const onCancel = (event) => {
		event.preventDefault();
		onClose();
	};
	return html`<dialog ref=${element} class=${`dialog ${kind}`} aria-labelledby=${name.current} onCancel=${onCancel}>
		<div class="dialog-head">
			<h2 id=${name.current}>${title}</h2>
			<button type="button" class="button quiet icon-only" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>
		</div>
		<div class="dialog-body">${children}</div>
		<${Toasts} />
	</dialog>`;
}

// Asks before something happens. `word` makes one type it first, for what cannot be undone.
export function Confirm({ title, action, danger, word, onConfirm, onClose, children }) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState(null);
	const [typed, setTyped] = useState('');
	const submit = async (event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			await onConfirm();
			onClose();
		} catch (failure) {
			setError(failure);
			setBusy(false);
		}
	};
	return html`<${Dialog} title=${title} onClose=${onClose}>
		<form class="stack" onSubmit=${submit}>
			<div class="stack tight">${children}</div>
			${word && html`<label class="field"><span class="label">Type <code>${word}</code> to go on</span>
				<input type="text" autocomplete="off" autocapitalize="none" spellcheck="false" value=${typed}
					onInput=${(event) => setTyped(event.target.value)} /></label>`}
			<${ErrorBox} error=${error} />
			<div class="dialog-actions">
				<button type="button" class="button" onClick=${onClose}>Cancel</button>
				<button type="submit" class=${danger ? 'button danger' : 'button primary'}
					disabled=${busy || (word && typed !== word)}>${action}</button>
			</div>
		</form>
	<//>`;
}
