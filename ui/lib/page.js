// The frame of a page and the small parts that all pages are made of.
import { useEffect, useRef } from 'preact/hooks';
import { html } from './html.js';
import { Icon } from './icons.js';
import { hasMoved } from './router.js';

const PRODUCT = 'StreamSpace';

// After a move from another page the focus goes to the heading, so that a screen reader says where one is.
export function Page({ title, lead, actions, back, badge, wide, children }) {
	const heading = useRef(null);
	useEffect(() => {
		if (hasMoved()) {
			heading.current.focus({ preventScroll: true });
		}
	}, []);
	useEffect(() => {
		document.title = `${title} · ${PRODUCT}`;
	}, [title]);
	return html`<div class=${wide ? 'page wide' : 'page'}>
		<header class="page-head">
			${back && html`<a class="back" href=${back.href}><${Icon} name="back" size="16" />${back.label}</a>`}
			<div class="page-title">
				<h1 tabindex="-1" ref=${heading}>${title}</h1>
				${badge}
				${actions && html`<div class="page-actions">${actions}</div>`}
			</div>
			${lead && html`<p class="lead">${lead}</p>`}
		</header>
		${children}
	</div>`;
}

let sections = 0;

export function Section({ title, actions, children, id }) {
	const name = useRef(null);
	name.current ??= id || `section-${++sections}`;
	return html`<section class="section" aria-labelledby=${name.current}>
		<div class="section-head"><h2 id=${name.current}>${title}</h2>${actions}</div>
		${children}
	</section>`;
}

export function Badge({ tone = 'neutral', children }) {
	return html`<span class=${`badge ${tone}`}><span class="dot" aria-hidden="true"></span>${children}</span>`;
}

// Says what is being waited for; shows up only when it takes noticeably long.
export function Spinner({ label = 'Loading' }) {
	return html`<div class="spinner" role="status"><span class="turning" aria-hidden="true"></span>${label}…</div>`;
}

export function Empty({ icon = 'info', title, children, action }) {
	return html`<div class="empty">
		<span class="empty-icon"><${Icon} name=${icon} size="28" /></span>
		<h2>${title}</h2>
		<div class="muted">${children}</div>
		${action && html`<div class="empty-action">${action}</div>`}
	</div>`;
}

// Pairs [label, value]; those without a value are left out.
export function Facts({ items }) {
	return html`<dl class="facts">
		${items.filter(([, value]) => value !== null && value !== undefined && value !== '').map(([label, value]) => html`
			<div key=${label}><dt>${label}</dt><dd>${value}</dd></div>`)}
	</dl>`;
}

// A time: the short form to read, the exact one for who points at it.
export function Time({ at, children }) {
	return html`<time datetime=${at} title=${new Date(at).toLocaleString()}>${children}</time>`;
}
