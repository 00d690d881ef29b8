// The frame: menu at the side (behind a button on a phone), state of the connection, and the page itself.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from './dialog.js';
import { html } from './html.js';
import { Icon } from './icons.js';
import { useLiveState } from './live.js';
import { currentMe, logOut, may, ROLES } from './me.js';
import { Menu } from './menu.js';
import { navigate } from './router.js';
import { notifyError } from './toast.js';

const THEMES = [['system', 'As the system', 'contrast'], ['light', 'Light', 'sun'], ['dark', 'Dark', 'moon']];

function useNarrow() {
	const query = window.matchMedia('(max-width: 56rem)');
	const [narrow, setNarrow] = useState(query.matches);
	useEffect(() => {
		const listen = (event) => setNarrow(event.matches);
		query.addEventListener('change', listen);
		return () => query.removeEventListener('change', listen);
	}, []);
	return narrow;
}

function isCurrent(route, path) {
	return route.path === '/' ? path === '/' || path.startsWith('/sessions/') : path === route.path || path.startsWith(`${route.path}/`);
}

function Links({ routes, path }) {
	const list = useRef(null);
	// On a low screen the menu scrolls: where one is stays in sight.
	useEffect(() => list.current.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' }), [path]);
	const shown = routes.filter((route) => route.nav && (!route.roles || may(...route.roles)));
	const groups = [...new Set(shown.map((route) => route.nav.group || ''))];
	return html`<nav aria-label="Main" ref=${list}>${groups.map((group) => html`<div key=${group} class="nav-group">
		${group && html`<h2 class="nav-title">${group}</h2>`}
		<ul>${shown.filter((route) => (route.nav.group || '') === group).map((route) => html`<li key=${route.path}>
			<a href=${route.path} aria-current=${isCurrent(route, path) ? 'page' : undefined}><${Icon} name=${route.nav.icon} />${route.nav.label}</a>
		</li>`)}</ul>
	</div>`)}</nav>`;
}

function Person() {
	const [theme, setTheme] = useState(window.streamspaceTheme.get());
	const me = currentMe();
	const leave = async () => {
		try {
			await logOut();
		} catch (error) {
			notifyError(error);
		}
	};
	const themes = THEMES.map(([name, label, icon]) => ({
		label, icon, checked: theme === name,
		onSelect: () => {
			window.streamspaceTheme.set(name);
			setTheme(name);
		},
	}));
	return html`<div class="person">
		<a class="person-name" href="/account"><strong>${me.display_name || me.name}</strong><span class="muted small">${ROLES[me.role]} · ${me.org}</span></a>
		<${Menu} label="Appearance and log-out" items=${[...themes,
			{ label: 'Account', icon: 'person', onSelect: () => navigate('/account') },
			{ label: 'Log out', icon: 'logout', onSelect: leave }]} />
	</div>`;
}

const Brand = () => html`<a class="brand" href="/"><span class="brand-mark" aria-hidden="true"><${Icon} name="desktop" size="18" /></span>StreamSpace</a>`;

export function Shell({ routes, path, children }) {
	const narrow = useNarrow();
	const [open, setOpen] = useState(false);
	const live = useLiveState();
	useEffect(() => setOpen(false), [path]);
	const menu = html`<${Links} routes=${routes} path=${path} /><${Person} />`;
	return html`<div class="shell">
		<a class="skip" href="#main" onClick=${() => document.getElementById('main').focus()}>Skip to the page</a>
		${narrow
			? html`<header class="topbar"><${Brand} />
				<button type="button" class="button quiet icon-only" aria-label="Menu" aria-expanded=${open} onClick=${() => setOpen(true)}><${Icon} name="menu" /></button>
			</header>
			${open && html`<${Dialog} title="Menu" kind="drawer" onClose=${() => setOpen(false)}>${menu}<//>`}`
			: html`<header class="sidebar"><${Brand} />${menu}</header>`}
		<main id="main" tabindex="-1">
			<div role="status">${live === 'lost' && html`<p class="banner warn"><${Icon} name="alert" size="18" />
				Live updates are interrupted. What is shown may be some seconds old; the page connects again by itself.</p>`}</div>
			${children}
		</main>
	</div>`;
}
