// With whom a session is shared; used in a dialog and on the session's page.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { ErrorBox } from '../lib/error_box.js';
import { Form } from '../lib/form.js';
import { until, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { useFetch, useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { Badge, Spinner, Time } from '../lib/page.js';
import { notify } from '../lib/toast.js';

const MODES = { view: 'May watch', control: 'May use it' };

// Names to choose from, as far as one may see them; any other can be typed.
function useNames() {
	const groups = useFetch('/groups', { limit: 200 });
	const users = useFetch(may('platform_admin', 'org_admin', 'operator') ? '/users' : null, { limit: 200 });
	return { user: (users.data?.items || []).map((user) => user.name), group: (groups.data?.items || []).map((group) => group.name) };
}

export function Shares({ session }) {
	const list = useList(`/sessions/${session.id}/shares`, { limit: 200 });
	const names = useNames();
	const [round, setRound] = useState(0);
	const [error, setError] = useState(null);

	const add = async ({ kind, user, group, mode, expires_at }) => {
		await api.post(`/sessions/${session.id}/shares`, { [kind]: kind === 'user' ? user : group, mode, expires_at });
		notify(`Shared with ${user || group}`);
		setRound(round + 1);
		list.refresh();
	};
	const revoke = (share) => async () => {
		setError(null);
		try {
			await api.del(`/sessions/${session.id}/shares/${share.id}`);
			notify(`No longer shared with ${share.user || share.group}`);
			list.refresh();
		} catch (failure) {
			setError(failure);
		}
	};
	const fields = [
		{ name: 'kind', label: 'Share with', type: 'select', required: true, value: 'user', pointer: '/-',
			options: [{ value: 'user', label: 'A user' }, { value: 'group', label: 'A group' }] },
		{ name: 'user', label: 'User name', required: true, suggestions: names.user, hidden: (values) => values.kind !== 'user' },
		{ name: 'group', label: 'Group', required: true, suggestions: names.group, hidden: (values) => values.kind !== 'group' },
		{ name: 'mode', label: 'What may they do?', type: 'select', required: true, value: 'view',
			options: [{ value: 'view', label: 'Watch only' }, { value: 'control', label: 'Watch and use it' }] },
		{ name: 'expires_at', label: 'Until', type: 'datetime', help: 'Without a time: until you revoke it.' },
	];
	return html`<div class="stack">
		<${ErrorBox} error=${error || list.error} />
		${list.loading && list.items.length === 0 && html`<${Spinner} />`}
		${list.items.length > 0 && html`<ul class="lines">${list.items.map((share) => html`<li key=${share.id}>
			<${Icon} name=${share.group ? 'people' : 'person'} size="18" />
			<span class="grow"><strong>${share.user || share.group}</strong>
				<span class="muted small"> ${share.group ? 'group · ' : ''}${share.expires_at
					? html`until <${Time} at=${share.expires_at}>${when(share.expires_at)} (${until(share.expires_at)})<//>` : 'until revoked'}</span></span>
			<${Badge} tone=${share.mode === 'control' ? 'ok' : 'neutral'}>${MODES[share.mode]}<//>
			<button type="button" class="button small" onClick=${revoke(share)} aria-label=${`Revoke the share with ${share.user || share.group}`}>Revoke</button>
		</li>`)}</ul>`}
		${list.read && list.items.length === 0 && html`<p class="muted">Nobody else sees this session. Who you share it with finds it under “Shared with me”.</p>`}
		<${Form} key=${round} fields=${fields} submit="Share" onSubmit=${add} />
	</div>`;
}
