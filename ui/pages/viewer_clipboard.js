// The clipboard both ways. What the session copies goes to the browser's clipboard where that is allowed, and always into
// the panel; what one types there, or copied elsewhere, goes to the session.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { notify } from '../lib/toast.js';

const MOST = 256 * 1024; // bytes that a VNC server takes; it takes no notice of more

// The beginning of a text that fits, as it is sent: UTF-8, lines that end in CR LF, a NUL behind it.
function beginningOf(text) {
	const whole = text.replace(/\r\n|\r|\n/g, '\r\n');
	const { read } = new TextEncoder().encodeInto(whole, new Uint8Array(MOST - 1));
	return whole.slice(0, read).replace(/\r\n?/g, '\n');
}

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
		const sent = beginningOf(next);
		view?.clipboardPasteFrom(sent);
		return sent.length < next.replace(/\r\n?/g, '\n').length;
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

const say = (cut) => (cut ? notify('Only the beginning was sent: the session takes 256 KiB at once.', 'danger') : notify('Sent to the session'));

export function ClipboardPanel({ clipboard, mode, onClose }) {
	const { text, setText, send } = clipboard;
	const field = useRef(null);
	const control = mode === 'control';
	useEffect(() => field.current.focus(), []);

	const paste = async () => {
		try {
			say(send(await navigator.clipboard.readText()));
		} catch {
			notify('The browser does not tell its clipboard. Paste into the field with Ctrl+V.', 'danger');
		}
	};
	const submit = (event) => {
		event.preventDefault();
		say(send(text));
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
