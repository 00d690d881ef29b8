// Who looks at a session now, and showing one the door.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { ErrorBox } from '../lib/error_box.js';
import { person, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { useList } from '../lib/list.js';
import { Badge, Section } from '../lib/page.js';
import { notify } from '../lib/toast.js';

export function Viewers({ session }) {
	const list = useList('/connections', { session: session.id, limit: 200 });
	const [error, setError] = useState(null);
	const close = (connection) => async () => {
		setError(null);
		try {
			await api.del(`/connections/${connection.id}`);
			notify(`${person(connection.viewer)} was disconnected`);
			list.refresh();
		} catch (failure) {
			setError(failure);
		}
	};
	return html`<${Section} title="Who is looking at it" actions=${html`<button type="button" class="button small" onClick=${list.refresh}>
		<${Icon} name="refresh" size="16" />Look again</button>`}>
		<${ErrorBox} error=${error || list.error} />
		${list.read && list.items.length === 0 && html`<p class="muted">Nobody at the moment.</p>`}
		${list.items.length > 0 && html`<ul class="lines">${list.items.map((connection) => html`<li key=${connection.id}>
			<${Icon} name=${connection.mode === 'view' ? 'eye' : 'person'} size="18" />
			<span class="grow"><strong>${person(connection.viewer)}</strong> <span class="muted small">since ${when(connection.opened_at)}</span></span>
			<${Badge} tone=${connection.mode === 'control' ? 'ok' : 'neutral'}>${connection.mode === 'control' ? 'Uses it' : 'Watches'}<//>
			<button type="button" class="button small" aria-label=${`Disconnect ${person(connection.viewer)}`} onClick=${close(connection)}>Disconnect</button>
		</li>`)}</ul>`}
	<//>`;
}
