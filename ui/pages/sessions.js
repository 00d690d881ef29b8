// My sessions: what runs now, as it changes; what others share with me; what ended.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ErrorBox } from '../lib/error_box.js';
import { ago, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { useList } from '../lib/list.js';
import { useLive } from '../lib/live.js';
import { may, mayChange, useMe } from '../lib/me.js';
import { Page, Spinner, Time } from '../lib/page.js';
import { nameOf, STATES } from '../lib/session.js';
import { useOwnSessions } from '../lib/sessions.js';
import { Table } from '../lib/table.js';
import { SessionCard } from './session_card.js';
import { Setup } from './setup.js';
import { NoTemplates, TemplateGrid, useTemplates } from './template_grid.js';
import { prepareViewer } from './viewer_library.js';

const MANY = 8; // from here on a search helps

const fits = (session, text) => [nameOf(session), session.template, session.state, session.notes, ...session.tags]
	.join(' ').toLowerCase().includes(text.trim().toLowerCase());

// Says to a screen reader what the badges show when they change.
function Changes({ sessions }) {
	const known = useRef(new Map());
	const [text, setText] = useState('');
	useEffect(() => {
		const changed = sessions.filter((session) => known.current.has(session.id) && known.current.get(session.id) !== session.state);
		known.current = new Map(sessions.map((session) => [session.id, session.state]));
		if (changed.length > 0) {
			setText(changed.map((session) => `${nameOf(session)}: ${STATES[session.state].label}`).join('. '));
		}
	}, [sessions]);
	return html`<p class="hidden-text" role="status">${text}</p>`;
}

function Cards({ label, sessions, me, onChange }) {
	return html`<ul class="grid sessions" aria-label=${label}>
		${sessions.map((session) => html`<${SessionCard} key=${session.id} session=${session} me=${me} onChange=${onChange} />`)}
	</ul>`;
}

// The first visit: what can be started is right here.
function FirstRun() {
	const templates = useTemplates();
	if (templates.loading) {
		return html`<${Spinner} />`;
	}
	if (templates.error) {
		return html`<${ErrorBox} error=${templates.error} retry=${templates.refresh} />`;
	}
	const setup = may('platform_admin') && html`<${Setup} templates=${templates.items} />`;
	if (templates.items.length === 0) {
		return setup || html`<${NoTemplates} />`;
	}
	return html`<div class="stack">
		${setup}
		<div class="welcome"><h2>Start your first session</h2>
			<p class="muted">Choose what you need. It opens here in the browser, and your files stay in your home when it ends.</p></div>
		<${TemplateGrid} templates=${templates.items} />
	</div>`;
}

function Shared({ me }) {
	const known = useRef(new Set());
	const list = useList('/sessions', { shared: true, limit: 200 }, { live: { belongs: (session) => known.current.has(session.id) } });
	known.current = new Set(list.items.map((session) => session.id));
	// What comes and goes by sharing is read again: others' sessions may be heard of for other reasons too.
	useLive({ changes: (items) => items.some(({ event }) => event === 'share' || event === 'revoke_share') && list.refresh() }, [list.refresh]);
	const living = list.items.filter((session) => session.state !== 'terminated');
	if (living.length === 0) {
		return list.error ? html`<${ErrorBox} error=${list.error} retry=${list.refresh} />` : null;
	}
	return html`<section class="stack" aria-labelledby="shared-title">
		<h2 id="shared-title">Shared with me</h2>
		<${Cards} label="Sessions that others share with me" sessions=${living} me=${me} onChange=${list.refresh} />
		${list.more && html`<button type="button" class="button" onClick=${list.loadMore}>Show more</button>`}
	</section>`;
}

function Ended({ me }) {
	const list = useList('/sessions', { owner: me.name, state: 'terminated', limit: 100 });
	const columns = [
		{ key: 'name', label: 'Name', render: (session) => html`<a href=${`/sessions/${session.id}`}>${nameOf(session)}</a>` },
		{ key: 'template', label: 'Template' },
		{ key: 'created_at', label: 'Started', render: (session) => when(session.created_at) },
		{ key: 'updated_at', label: 'Ended', render: (session) => html`<${Time} at=${session.updated_at}>${ago(session.updated_at)}<//>` },
		{ key: 'again', label: html`<span class="hidden-text">Actions</span>`, align: 'right', render: (session) => html`<a class="button small" href=${`/catalog/${session.template}`}>Start another</a>` },
	];
	if (list.error) {
		return html`<${ErrorBox} error=${list.error} retry=${list.refresh} />`;
	}
	return list.read && list.items.length === 0
		? html`<p class="muted">None has ended yet.</p>`
		: html`<${Table} label="Ended sessions" columns=${columns} rows=${list.items} keyOf=${(session) => session.id} list=${list} />`;
}

export default function Sessions() {
	const me = useMe();
	const { items, error, loading, refresh, take } = useOwnSessions();
	const [ended, setEnded] = useState(false);
	const [text, setText] = useState('');
	const shown = items.filter((session) => fits(session, text));
	useEffect(prepareViewer, []);
	const start = mayChange() && items.length > 0
		&& html`<a class="button primary" href="/catalog"><${Icon} name="plus" size="18" />New session</a>`;
	return html`<${Page} title="My sessions" actions=${start}>
		<${ErrorBox} error=${error} retry=${refresh} />
		${loading && html`<${Spinner} />`}
		${items.length > MANY && html`<search class="toolbar">
			<label class="search"><span class="hidden-text">Search my sessions</span><${Icon} name="search" />
				<input type="search" placeholder="Search" value=${text} onInput=${(event) => setText(event.target.value)} /></label>
			<span class="muted small" role="status">${shown.length} of ${items.length}</span></search>`}
		${items.length > 0 && html`<h2 class="hidden-text">Now</h2><${Cards} label="My sessions" sessions=${shown} me=${me} onChange=${take} />`}
		<${Changes} sessions=${items} />
		<${Shared} me=${me} />
		${!loading && !error && items.length === 0 && html`<${FirstRun} />`}
		<details class="ended" onToggle=${(event) => setEnded(event.target.open)}>
			<summary>Sessions that ended</summary>
			${ended && html`<${Ended} me=${me} />`}
		</details>
	<//>`;
}
