// Starting a session from a template. Afterwards the viewer shows how it comes up.
import { useEffect, useRef } from 'preact/hooks';
import { api, newKey } from '../lib/api.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { cores, mib } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch } from '../lib/list.js';
import { mayChange, useMe } from '../lib/me.js';
import { Page, Section, Spinner } from '../lib/page.js';
import { navigate } from '../lib/router.js';
import { startBody, startFields } from './start_fields.js';
import { TemplateIcon, titleOf } from './template_grid.js';
import { prepareViewer } from './viewer_library.js';

function InUse({ quota }) {
	const { limits, used } = quota;
	if (!used || limits.sessions === null || limits.sessions === undefined) {
		return null;
	}
	const more = [
		limits.millicores !== null && `${cores(used.millicores)} of ${cores(limits.millicores)}`,
		limits.memory_mib !== null && `${mib(used.memory_mib)} of ${mib(limits.memory_mib)} memory`,
	].filter(Boolean);
	return html`<p class="muted small">You use ${used.sessions} of ${limits.sessions} sessions${more.length > 0 ? `, ${more.join(', ')}` : ''}.</p>`;
}

export default function Start({ params }) {
	const me = useMe();
	const template = useFetch(`/templates/${encodeURIComponent(params.name)}`);
	const homes = useFetch('/homes', { owner: me.name, limit: 200 });
	const quota = useFetch(`/users/${encodeURIComponent(me.name)}/quota`);
	// The same request sent again (after a break of the connection) starts no second session.
	const key = useRef(newKey());
	useEffect(prepareViewer, []);

	const submit = async (values) => {
		try {
			const session = await api.post('/sessions', startBody(template.data, values), { key: key.current });
			navigate(`/view/${session.id}`);
		} catch (error) {
			if (error.status >= 400 && error.status < 500) {
				key.current = newKey();
			}
			throw error;
		}
	};
	const back = { href: '/catalog', label: 'Catalog' };
	if (template.error) {
		return html`<${Page} title=${params.name} back=${back}><${ErrorBox} error=${template.error} retry=${template.refresh} /><//>`;
	}
	const ready = template.data && (homes.data || homes.error);
	const usable = ready && (homes.data?.items || []).filter((home) => home.state === 'new' || home.state === 'ready');
	return html`<${Page} title=${template.data ? titleOf(template.data) : params.name} back=${back} lead=${template.data?.spec.description}>
		${!ready && html`<${Spinner} />`}
		${ready && html`<${Section} title="Start a session" actions=${html`<${TemplateIcon} template=${template.data} />`}>
			${mayChange()
				? html`<${Form} fields=${startFields(template.data, usable)} submit="Start" onSubmit=${submit}
					footer=${quota.data && html`<${InUse} quota=${quota.data} />`} />`
				: html`<p class="muted">Auditors look and start nothing.</p>`}
		<//>`}
	<//>`;
}
