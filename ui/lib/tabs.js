// Tabs as ARIA wants them: arrow keys move between them, only the chosen one is in the tab order.
import { useRef } from 'preact/hooks';
import { html } from './html.js';

let groups = 0;

export function Tabs({ label, value, options, onChange, children }) {
	const name = useRef(null);
	const box = useRef(null);
	name.current ??= `tabs-${++groups}`;
	const onKeyDown = (event) => {
		const at = options.findIndex(([key]) => key === value);
		const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + options.length, Home: 0, End: options.length - 1 }[event.key];
		if (to !== undefined) {
			event.preventDefault();
			onChange(options[to % options.length][0]);
			box.current.querySelectorAll('[role=tab]')[to % options.length].focus();
		}
	};
	return html`<div class="stack">
		<div class="tabs" role="tablist" aria-label=${label} ref=${box} onKeyDown=${onKeyDown}>
			${options.map(([key, word]) => html`<button type="button" key=${key} role="tab" id=${`${name.current}-${key}`} class="tab" aria-selected=${key === value}
				aria-controls=${`${name.current}-panel`} tabindex=${key === value ? 0 : -1} onClick=${() => onChange(key)}>${word}</button>`)}
		</div>
		<div class="stack" role="tabpanel" id=${`${name.current}-panel`} aria-labelledby=${`${name.current}-${value}`}>${children}</div>
	</div>`;
}
