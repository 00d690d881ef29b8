// A text to copy, such as a secret that is shown once.
import { useState } from 'preact/hooks';
import { html } from './html.js';
import { Icon } from './icons.js';
import { notify } from './toast.js';

export function Copyable({ label, value }) {
	const [copied, setCopied] = useState(false);
	const copy = async (event) => {
		const input = event.currentTarget.parentElement.querySelector('input');
		try {
			await navigator.clipboard.writeText(value);
			setCopied(true);
		} catch {
			// Without a secure context the browser does not hand out its clipboard: select it for the person.
			input.select();
			notify('Press Ctrl+C to copy it');
		}
	};
	return html`<div class="copyable">
		<label class="field grow"><span class="label">${label}</span>
			<input type="text" readonly class="mono" value=${value} onFocus=${(event) => event.target.select()} /></label>
		<button type="button" class="button" onClick=${copy}><${Icon} name=${copied ? 'check' : 'copy'} size="18" />${copied ? 'Copied' : 'Copy'}</button>
	</div>`;
}
