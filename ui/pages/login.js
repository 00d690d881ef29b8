// Log-in by name and password; the cookie that answers it is all that is kept.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Form } from '../lib/form.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { logIn, useMe } from '../lib/me.js';
import { navigate } from '../lib/router.js';

// Only addresses of this page, as a browser reads them: //elsewhere would be another site's, and so would /\t/elsewhere.
function safe(next) {
	try {
		const { origin, pathname, search, hash } = new URL(next || '/', window.location.origin);
		return origin === window.location.origin && !pathname.startsWith('//') ? pathname + search + hash : '/';
	} catch {
		return '/';
	}
}

export function Front({ title, lead, children }) {
	useEffect(() => {
		document.title = `${title} · StreamSpace`;
	}, [title]);
	return html`<main class="front">
		<div class="front-card card">
			<span class="brand-mark large" aria-hidden="true"><${Icon} name="desktop" size="26" /></span>
			<h1>${title}</h1>
			<p class="muted">${lead}</p>
			${children}
		</div>
	</main>`;
}

export default function LogIn({ query }) {
	const me = useMe();
	const [config, setConfig] = useState(null);
	const next = safe(query.get('next'));
	useEffect(() => {
		api.get('/config').then(setConfig, () => setConfig({}));
	}, []);
	useEffect(() => {
		if (me) {
			navigate(next, { replace: true });
		}
	}, [me]);
	const fields = [
		{ name: 'user', label: 'User name', required: true, autocomplete: 'username', maxLength: 100, autofocus: !query.has('user'), value: query.get('user') || '' },
		{ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password', maxLength: 1024,
			autofocus: query.has('user') },
		{ name: 'org', label: 'Organisation', autocomplete: 'organization', maxLength: 100, advanced: true, value: query.get('org') || '',
			help: `Without one: ${config?.default_org || 'default'}` },
	];
	return html`<${Front} title="Log in" lead="Your desktops, in the browser.">
		<${Form} fields=${fields} submit="Log in" onSubmit=${logIn} />
		<p class="small muted">No password yet, or forgotten? An administrator gives you a link that lets you set one.</p>
	<//>`;
}
