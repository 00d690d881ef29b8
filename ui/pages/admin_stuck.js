// Sessions that do not go on by themselves: why, since when, and what to do, with the button that does it.
import { useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { AskFirst } from '../lib/change.js';
import { ErrorBox } from '../lib/error_box.js';
import { ago, useNow, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { Menu } from '../lib/menu.js';
import { OrgChoice, orgLink, useOrg } from '../lib/org.js';
import { Badge, Empty, Page, Time } from '../lib/page.js';
import { PlacementDialog } from '../lib/placement.js';
import { Filters } from '../lib/query.js';
import { reasonText } from '../lib/session.js';
import { Table } from '../lib/table.js';
import { notify } from '../lib/toast.js';
import { SESSION, STUCK, optionsOf } from '../lib/words.js';

const pathOf = (session) => `/sessions/${session.id}`;

function Retry({ session, onDone, onClose }) {
	return html`<${AskFirst} title=${`Retry ${session.name || session.id}`} action="Retry" danger=${false} onClose=${onClose} onDone=${onDone}
		preview=${() => api.post(`${pathOf(session)}:retry`, {}, { dryRun: true })} perform=${() => api.post(`${pathOf(session)}:retry`, {}, { ifRevision: session.revision })}>
		${(after) => html`<p>It starts again, with the home and the template revision that it has${after.state === 'pending' ? ', as soon as an agent has a place for it' : ''}.</p>
			${session.failure && !session.failure.can_retry && html`<p><strong>It would probably fail again:</strong> ${session.failure.next_step}</p>`}`}
	<//>`;
}

function Terminate({ session, force, onDone, onClose }) {
	const query = force ? { force: true } : undefined;
	return html`<${AskFirst} title=${`${force ? 'Terminate by force' : 'Terminate'}: ${session.name || session.id}`} action=${force ? 'Terminate by force' : 'Terminate'} onClose=${onClose} onDone=${onDone}
		preview=${() => api.del(pathOf(session), undefined, { query, dryRun: true })} perform=${() => api.del(pathOf(session), undefined, { query, ifRevision: session.revision })}>
		${() => (force ? html`<p>The session of <strong>${session.owner}</strong> counts as ended at once, whatever its agent does. What is left of it on the agent is removed when the agent connects again.</p>`
			: html`<p>The session of <strong>${session.owner}</strong> ends for good. Its home stays.</p>`)}
	<//>`;
}

const ForceEnd = (props) => html`<${Terminate} force ...${props} />`;

// What helps against each reason; the way out in words stands beside it.
function actionsOf(item, act) {
	const { session, why } = item;
	const name = session.name || session.id;
	const button = (label, dialog) => html`<button type="button" class="button small" aria-label=${`${label}: ${name}`} onClick=${() => act(dialog, session)}>${label}</button>`;
	const end = [session.state !== 'terminated' && { label: 'Terminate', icon: 'trash', danger: true, onSelect: () => act(Terminate, session) },
		session.state !== 'terminated' && { label: 'Terminate by force', icon: 'trash', danger: true, hint: 'Whatever its agent does', onSelect: () => act(ForceEnd, session) }];
	return html`<span class="row nowrap">
		${why === 'failed' && button('Retry', Retry)}
		${why === 'waiting_for_an_agent' && button('Explain', PlacementDialog)}
		${end.some(Boolean) && html`<${Menu} label=${`Actions of ${name}`} items=${end} />`}
	</span>`;
}

export default function Stuck({ query }) {
	const org = useOrg(query);
	const now = useNow(15000);
	const [asked, setAsked] = useState(null);
	const list = useList('/stuck', { why: query.get('why'), org, limit: 200 });
	const editable = may('platform_admin', 'org_admin', 'operator');
	const columns = [
		{ key: 'session', label: 'Session', render: ({ session }) => html`<span class="two"><a href=${pathOf(session)}>${session.name || session.id}</a>
			<span class="small">of <a href=${orgLink(`/admin/users/${session.owner}`, org)}>${session.owner}</a></span></span>` },
		{ key: 'why', label: 'Why', render: ({ why, since, session }) => html`<span class="two"><span><${Badge} tone=${STUCK[why][0]}>${STUCK[why][1]}<//></span>
			<span class="small"><${Time} at=${since}>${ago(since, now)}<//>${session.position && ` · place ${session.position} in the queue`}</span></span>` },
		{ key: 'way_out', label: 'Way out', render: (item) => html`<span class="clip wide" title=${item.way_out}>${item.way_out}</span>` },
		{ key: 'reason', label: 'Reason', render: ({ session }) => html`<span class="clip" title=${reasonText(session)}>${reasonText(session) || '–'}</span>` },
		{ key: 'state', label: 'State', render: ({ session }) => html`<${Badge} tone=${SESSION[session.state][0]}>${SESSION[session.state][1]}<//>` },
		{ key: 'agent', label: 'Agent', render: ({ session }) => (session.agent ? html`<a href=${`/admin/agents/${encodeURIComponent(session.agent)}`}>${session.agent}</a>` : '–') },
		{ key: 'deadline', label: 'Deadline', render: ({ session }) => when(session.deadline_at) },
		...(editable ? [{ key: 'actions', label: 'Actions', align: 'right actions', render: (item) => actionsOf(item, (dialog, session) => setAsked({ dialog, session })) }] : []),
	];
	const done = () => {
		notify('Done');
		list.refresh();
	};
	return html`<${Page} title="Stuck" wide lead="Sessions that do not go on by themselves, why, and the way out." actions=${html`<button type="button" class="button" onClick=${list.refresh}>Refresh</button>`}>
		<${Filters} query=${query} fields=${[{ name: 'why', label: 'Why', options: optionsOf(STUCK) }]}><${OrgChoice} org=${org} /><//>
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0 ? html`<${Empty} icon="check" title="Nothing is stuck">${query.get('why') ? 'Not for this reason.' : 'Every session runs, rests, or is on its way.'}<//>`
			: html`<${Table} label="Stuck" columns=${columns} rows=${list.items} keyOf=${({ session }) => session.id} list=${list} />`}
		${asked && html`<${asked.dialog} session=${asked.session} onDone=${done} onClose=${() => setAsked(null)} />`}
	<//>`;
}
