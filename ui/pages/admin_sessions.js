// All sessions of an organisation, live, with filters and with actions for many at once.
import { useEffect, useState } from 'preact/hooks';
import { ACTIONS, BulkDialog } from '../lib/bulk.js';
import { ErrorBox } from '../lib/error_box.js';
import { ago, useNow } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { Menu } from '../lib/menu.js';
import { OrgChoice, orgLink, orgName, useOrg } from '../lib/org.js';
import { Badge, Empty, Page } from '../lib/page.js';
import { Filters, Jump } from '../lib/query.js';
import { reasonText } from '../lib/session.js';
import { Table } from '../lib/table.js';
import { SESSION, optionsOf } from '../lib/words.js';

const FILTERS = ['state', 'owner', 'template', 'tag'];

const columnsOf = (org, now) => [
	{ key: 'id', label: 'Session', render: (session) => html`<a href=${`/sessions/${session.id}`}>${session.name || html`<code>${session.id}</code>`}</a>` },
	{ key: 'owner', label: 'Owner', render: (session) => html`<a href=${orgLink(`/admin/users/${session.owner}`, org)}>${session.owner}</a>` },
	{ key: 'template', label: 'Template' },
	{ key: 'state', label: 'State', render: (session) => html`<${Badge} tone=${SESSION[session.state][0]}>${SESSION[session.state][1]}<//>` },
	{ key: 'reason', label: 'Reason', render: (session) => html`<span class="clip" title=${session.next_step || reasonText(session)}>${reasonText(session)}</span>` },
	{ key: 'agent', label: 'Agent', render: (session) => session.agent && html`<a href=${`/admin/agents/${encodeURIComponent(session.agent)}`}>${session.agent}</a>` },
	{ key: 'tags', label: 'Tags', render: (session) => session.tags.join(', ') },
	{ key: 'created_at', label: 'Created', render: (session) => ago(session.created_at, now) },
];

// Whether a session that changed belongs to the list as it is filtered.
export function belongsTo(filter, org) {
	return (session) => session.org === org && (!filter.state || session.state === filter.state) && (!filter.owner || session.owner === filter.owner)
		&& (!filter.template || session.template === filter.template) && (!filter.tag || session.tags.includes(filter.tag));
}

export default function Sessions({ query }) {
	const org = useOrg(query);
	const now = useNow(15000);
	const filter = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) || undefined]));
	const [selection, setSelection] = useState(new Set());
	const [asked, setAsked] = useState(null);
	const list = useList('/sessions', { ...filter, org, limit: 200 }, { live: { belongs: belongsTo(filter, orgName(org)) } });
	const editable = may('platform_admin', 'org_admin', 'operator');
	const address = JSON.stringify([filter, org]);
	useEffect(() => setSelection(new Set()), [address]);

	const chosen = list.items.filter((session) => selection.has(session.id)).map((session) => session.id);
	const act = (action, which) => setAsked({ action, which });
	const close = () => setAsked(null);
	const button = (action) => html`<button type="button" key=${action} class=${ACTIONS[action].danger ? 'button small danger' : 'button small'}
		onClick=${() => act(action, { sessions: chosen })}>${ACTIONS[action].label}</button>`;
	const everything = Object.keys(ACTIONS).map((action) => ({ label: `${ACTIONS[action].label}…`, danger: ACTIONS[action].danger, onSelect: () => act(action, { filter: JSON.parse(JSON.stringify(filter)) }) }));
	return html`<${Page} title="All sessions" wide actions=${editable && html`<${Menu} label="Do something to all that fit the filters" text="All that fit" kind="" icon="list" items=${everything} />`}>
		<div class="row apart filters-line"><${Filters} query=${query} fields=${[{ name: 'state', label: 'State', options: optionsOf(SESSION) },
			{ name: 'owner', label: 'Owner' }, { name: 'template', label: 'Template' }, { name: 'tag', label: 'Tag' }]}><${OrgChoice} org=${org} /><//>
			<${Jump} label="Session id" to=${(id) => `/sessions/${id}`} /></div>
		${editable && html`<div class="toolbar bulk" role="group" aria-label="Actions for the selected sessions">
			<span aria-live="polite">${chosen.length === 0 ? html`<span class="muted">Select sessions to act on them together.</span>` : `${chosen.length} selected`}</span>
			${chosen.length > 0 && Object.keys(ACTIONS).map(button)}
			${chosen.length > 0 && html`<button type="button" class="button small quiet" onClick=${() => setSelection(new Set())}>Select none</button>`}</div>`}
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<${Empty} icon="desktop" title="No session">${FILTERS.some((name) => filter[name]) ? 'None fits the filters.' : 'Nobody started one yet.'}<//>`
			: html`<${Table} label="All sessions" columns=${columnsOf(org, now)} rows=${list.items} keyOf=${(session) => session.id} list=${list}
				selection=${editable ? selection : undefined} onSelect=${setSelection} />`}
		${asked && html`<${BulkDialog} ...${asked} org=${org} onClose=${close} onDone=${list.refresh} />`}
	<//>`;
}
