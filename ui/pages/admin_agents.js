// Agents: those that wait for approval, and all of them with their capacity.
import { useState } from 'preact/hooks';
import { ApproveDialog, RejectDialog, DrainDialog } from '../lib/agent_actions.js';
import { ErrorBox } from '../lib/error_box.js';
import { ago, cores, mib, useNow } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useList } from '../lib/list.js';
import { may } from '../lib/me.js';
import { Menu } from '../lib/menu.js';
import { Meter } from '../lib/meter.js';
import { Badge, Empty, Page } from '../lib/page.js';
import { Filters, Jump } from '../lib/query.js';
import { Table } from '../lib/table.js';
import { APPROVAL, STATE, optionsOf } from '../lib/words.js';

const badge = ([tone, label]) => html`<${Badge} tone=${tone}>${label}<//>`;

const waitingWords = ({ items, more }) => `${items.length}${more ? ' or more' : ''} ${items.length === 1 ? 'agent waits' : 'agents wait'}`;

function columnsOf(full, act, now) {
	const columns = [
		{ key: 'id', label: 'Agent', render: (agent) => html`<a href=${`/admin/agents/${encodeURIComponent(agent.id)}`}>${agent.id}</a>` },
		{ key: 'platform', label: 'Platform', render: (agent) => (agent.region ? `${agent.platform} · ${agent.region}` : agent.platform) },
		{ key: 'state', label: 'State', render: (agent) => html`<span class="row nowrap">${full && agent.approval !== 'approved' ? badge(APPROVAL[agent.approval]) : badge(STATE[agent.state])}
			${agent.draining && badge(['busy', 'draining'])}</span>` },
	];
	if (!full) {
		return columns;
	}
	return [...columns,
		{ key: 'sessions', label: 'Sessions', render: (agent) => html`<${Meter} compact label=${`Sessions of ${agent.id}`} used=${agent.used.sessions} limit=${agent.max_sessions} />` },
		{ key: 'cpu', label: 'Processor', render: (agent) => html`<${Meter} compact label=${`Processor of ${agent.id}`} used=${agent.used.millicores} limit=${agent.limits.max_millicores} format=${cores} />` },
		{ key: 'memory', label: 'Memory', render: (agent) => html`<${Meter} compact label=${`Memory of ${agent.id}`} used=${agent.used.memory_mib} limit=${agent.limits.max_memory_mib} format=${mib} />` },
		{ key: 'heartbeat', label: 'Heard of', render: (agent) => ago(agent.last_heartbeat_at, now) },
		{ key: 'actions', label: 'Actions', align: 'right actions', render: (agent) => html`<span class="row nowrap">
			${agent.approval !== 'approved' && html`<button type="button" class="button small" aria-label=${`Approve ${agent.id}`} onClick=${() => act('approve', agent)}>Approve</button>`}
			<${Menu} label=${`Actions of ${agent.id}`} items=${[
				agent.approval === 'approved' && { label: agent.draining ? 'End draining' : 'Drain', icon: agent.draining ? 'play' : 'stop', onSelect: () => act('drain', agent) },
				agent.approval !== 'rejected' && { label: 'Reject', icon: 'close', danger: true, onSelect: () => act('reject', agent) }]} /></span>` },
	];
}

export default function Agents({ query }) {
	const [asked, setAsked] = useState(null);
	const now = useNow(15000);
	const full = may('platform_admin');
	const filter = { state: query.get('state'), approval: full ? query.get('approval') : null, limit: 200 };
	const list = useList('/agents', filter);
	const waiting = useList(full && filter.approval !== 'pending' ? '/agents' : null, { approval: 'pending', limit: 200 });
	const done = (agent) => {
		list.set((items) => items.map((item) => (item.id === agent.id ? agent : item)));
		waiting.refresh();
	};
	const Ask = asked && { approve: ApproveDialog, reject: RejectDialog, drain: DrainDialog }[asked.action];
	return html`<${Page} title="Agents" wide lead="Agents run sessions on their machines or clusters. A new one waits until somebody has compared its key." actions=${html`
		<button type="button" class="button" onClick=${() => [list, waiting].forEach((one) => one.refresh())}>Refresh</button>`}>
		${waiting.items.length > 0 && html`<div class="notice" role="status"><strong>${waitingWords(waiting)} for approval.</strong> <a href="/admin/agents?approval=pending">Show</a></div>`}
		<div class="row apart filters-line"><${Filters} query=${query} fields=${[
			{ name: 'state', label: 'State', options: optionsOf(STATE) },
			...(full ? [{ name: 'approval', label: 'Approval', options: optionsOf(APPROVAL) }] : [])]} />
			<${Jump} label="Agent" to=${(id) => `/admin/agents/${id}`} /></div>
		<${ErrorBox} error=${list.error} retry=${list.refresh} />
		${list.read && list.items.length === 0
			? html`<${Empty} icon="server" title="No agent">${filter.state || filter.approval ? 'None fits the filters.'
				: 'Start streamspace-agent on a machine; it registers itself and then waits here for approval.'}<//>`
			: html`<${Table} label="Agents" columns=${columnsOf(full, (action, agent) => setAsked({ action, agent }), now)} rows=${list.items}
				keyOf=${(agent) => agent.id} list=${list} />`}
		${asked && html`<${Ask} agent=${asked.agent} onDone=${done} onClose=${() => setAsked(null)} />`}
	<//>`;
}
