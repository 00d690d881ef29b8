// The clipboard both ways. What the session copies goes to the browser's clipboard where that is allowed, and always into
// the panel; what one types there, or copied elsewhere, goes to the session.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { notify } from '../lib/toast.js';

const MOST = 256 * 1024; // characters sent at once

async function mayRead() {
	try {
		return (await navigator.permissions.query({ name: 'clipboard-read' })).state === 'granted';
	} catch {
		return false;
	}
}

export function useClipboard(view, mode) {
	const [text, setText] = useState('');
	const last = useRef('');

	const send = useCallback((next) => {
		last.current = next;
		setText(next);
		view?.clipboardPasteFrom(next.slice(0, MOST));
	}, [view]);

	useEffect(() => {
		if (!view) {
			return undefined;
		}
		const fromSession = (event) => {
			last.current = event.detail.text;
			setText(event.detail.text);
			navigator.clipboard?.writeText(event.detail.text).catch(() => null);
		};
		// Coming back to this window: what was copied elsewhere goes along, when the browser was allowed to tell.
		const fromHere = async () => {
			if (mode !== 'control' || !navigator.clipboard?.readText || !(await mayRead())) {
				return;
			}
			const now = await navigator.clipboard.readText().catch(() => '');
			if (now && now !== last.current) {
				send(now);
			}
		};
		view.addEventListener('clipboard', fromSession);
		window.addEventListener('focus', fromHere);
		fromHere();
		return () => {
			view.removeEventListener('clipboard', fromSession);
			window.removeEventListener('focus', fromHere);
		};
	}, [view, mode, send]);

	return { text, setText, send };
}

export function ClipboardPanel({ clipboard, mode, onClose }) {
	const { text, setText, send } = clipboard;
	const field = useRef(null);
	const control = mode === 'control';
	useEffect(() => field.current.focus(), []);

	const paste = async () => {
		try {
			send(await navigator.clipboard.readText());
			notify('Sent to the session');
		} catch {
			notify('The browser does not tell its clipboard. Paste into the field with Ctrl+V.', 'danger');
		}
	};
	const submit = (event) => {
		event.preventDefault();
		send(text);
		notify('Sent to the session');
		onClose();
	};
	const onKeyDown = (event) => {
		if (event.key === 'Escape') {
			onClose();
		}
	};
	return html`<form class="clipboard-panel card stack" aria-label="Clipboard" onSubmit=${submit} onKeyDown=${onKeyDown}>
		<div class="row apart"><h2>Clipboard</h2>
			<button type="button" class="button quiet small icon-only" aria-label="Close the clipboard" onClick=${onClose}><${Icon} name="close" size="16" /></button></div>
		<label class="field"><span class="label">Clipboard text</span>
			<textarea ref=${field} rows="5" value=${text} readonly=${!control} onInput=${(event) => setText(event.target.value)}></textarea>
			<span class="help">${control ? 'What the session copied is here. Text that you send can be pasted in the session.' : 'What the session copied is here. You watch only, so nothing can be sent.'}</span></label>
		${control && html`<div class="dialog-actions">
			<button type="button" class="button small" onClick=${paste}>Paste from this computer</button>
			<button type="submit" class="button primary small">Send to the session</button>
		</div>`}
	</form>`;
}
