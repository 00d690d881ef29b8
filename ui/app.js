// The page: which address shows which page, the frame around it, and the start.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { adminRoutes } from './lib/admin_routes.js';
import { ApiError } from './lib/api.js';
import { ErrorBox } from './lib/error_box.js';
import { html } from './lib/html.js';
import { loadMe, useMe } from './lib/me.js';
import { Page, Spinner } from './lib/page.js';
import { matchPath, navigate, startRouter, useLocation } from './lib/router.js';
import { Shell } from './lib/shell.js';
import { Toasts } from './lib/toast.js';

// open: without a log-in · bare: without the frame · roles: who may open it · nav: its place in the menu
export const routes = [
	{ path: '/', load: () => import('./pages/sessions.js'), nav: { label: 'My sessions', icon: 'desktop' } },
	{ path: '/catalog', load: () => import('./pages/catalog.js'), nav: { label: 'Catalog', icon: 'grid' } },
	{ path: '/catalog/:name', load: () => import('./pages/start.js') },
	{ path: '/sessions/:id', load: () => import('./pages/session.js') },
	{ path: '/view/:id', load: () => import('./pages/viewer.js'), bare: true },
	{ path: '/homes', load: () => import('./pages/homes.js'), nav: { label: 'Homes', icon: 'home' } },
	{ path: '/api-keys', load: () => import('./pages/api_keys.js'), nav: { label: 'API keys', icon: 'key' } },
	{ path: '/account', load: () => import('./pages/account.js'), nav: { label: 'Account', icon: 'person' } },
	...adminRoutes,
	{ path: '/login', load: () => import('./pages/login.js'), open: true, bare: true },
	{ path: '/set-password', load: () => import('./pages/set_password.js'), open: true, bare: true },
];

function find(path) {
	for (const route of routes) {
		const params = matchPath(route.path, path);
		if (params) {
			return { route, params };
		}
	}
	return { route: { path, load: () => import('./pages/not_found.js') }, params: {} };
}

const loaded = new Map();

const notLoaded = () => new ApiError(0, {
	code: 'page_not_loaded', title: 'This part of the page did not arrive',
	detail: navigator.onLine ? 'The server cannot be reached, or has a newer version of the page.' : 'This computer is offline.',
	hint: 'Load the page again.',
});

// The component of a page's module, fetched at its first use.
function usePage(route) {
	const [, draw] = useState(0);
	const [error, setError] = useState(null);
	useEffect(() => {
		setError(null);
		if (!loaded.has(route.path)) {
			route.load().then((module) => {
				loaded.set(route.path, module.default);
				draw((count) => count + 1);
			}, () => setError(notLoaded()));
		}
	}, [route.path]);
	return { component: loaded.get(route.path), error };
}

function Content({ route, params, query, path }) {
	const me = useMe();
	const { component, error } = usePage(route);
	if (route.roles && !route.roles.includes(me?.role)) {
		return html`<${Page} title="Not for you" lead="This page is for other roles. Ask an administrator of your organisation." />`;
	}
	if (error) {
		return html`<${Page} title="Not loaded"><${ErrorBox} error=${error} retry=${() => window.location.reload()} /><//>`;
	}
	return component ? html`<${component} key=${path} params=${params} query=${query} />` : html`<${Spinner} />`;
}

function App() {
	const me = useMe();
	const { path, query, hash } = useLocation();
	const [error, setError] = useState(null);
	const { route, params } = find(path);

	const start = () => {
		setError(null);
		loadMe().catch(setError);
	};
	useEffect(start, []);
	useEffect(() => {
		if (me === null && !route.open) {
			const next = path + window.location.search + hash;
			navigate(next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`, { replace: true });
		}
	}, [me, route]);

	if (error) {
		return html`<main class="alone"><${ErrorBox} error=${error} retry=${start} /></main>`;
	}
	if (!route.open && !me) {
		return html`<main class="alone"><${Spinner} label="Starting" /></main>`;
	}
	const content = html`<${Content} route=${route} params=${params} query=${query} path=${path} />`;
	return html`${route.bare ? content : html`<${Shell} routes=${routes} path=${path}>${content}<//>`}<${Toasts} />`;
}

startRouter();
// The page comes while it is asked who is logged in; what fails here is said when it is shown.
find(window.location.pathname).route.load().catch(() => null);
render(html`<${App} />`, document.getElementById('app'));
