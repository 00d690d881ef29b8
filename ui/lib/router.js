// Addresses and pages: the History API, links that stay ordinary <a href>, and patterns such as /sessions/:id.
import { createStore, useStore } from './store.js';

function read() {
	const { pathname, search, hash } = window.location;
	return { path: pathname, query: new URLSearchParams(search), hash };
}

const place = createStore(read());
let moves = 0;

export function navigate(to, { replace = false } = {}) {
	window.history[replace ? 'replaceState' : 'pushState'](null, '', to);
	moves += 1;
	place.set(read());
}

export const useLocation = () => useStore(place);
export const currentLocation = () => place.get();

// Whether the page was reached from another one here, so that the focus has to follow.
export const hasMoved = () => moves > 0;

// What an id or a name may hold. Pages put it into addresses of the API, out of which nothing may lead elsewhere.
const isName = (text) => /^[^/\\?#%\s]+$/.test(text) && text !== '.' && text !== '..';

export function matchPath(pattern, path) {
	const names = pattern.split('/');
	const parts = path.replace(/\/+$/, '').split('/');
	if (names.length !== Math.max(parts.length, 2)) {
		return null;
	}
	const params = {};
	for (let i = 0; i < names.length; i++) {
		const part = parts[i] || '';
		if (names[i].startsWith(':')) {
			let value = '';
			try {
				value = decodeURIComponent(part);
			} catch {
				return null;
			}
			if (!isName(value)) {
				return null;
			}
			params[names[i].slice(1)] = value;
		} else if (names[i] !== part) {
			return null;
		}
	}
	return params;
}

function onClick(event) {
	if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
		return;
	}
	const link = event.target.closest?.('a[href]');
	if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) {
		return;
	}
	if (link.pathname === window.location.pathname && link.hash) {
		return;
	}
	event.preventDefault();
	navigate(link.pathname + link.search + link.hash);
	window.scrollTo(0, 0);
}

export function startRouter() {
	document.addEventListener('click', onClick);
	window.addEventListener('popstate', () => {
		moves += 1;
		place.set(read());
	});
}
