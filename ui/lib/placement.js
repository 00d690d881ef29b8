// Where a session runs or would run, and what each agent lacks.
import { Dialog } from './dialog.js';
import { ErrorBox } from './error_box.js';
import { html } from './html.js';
import { useFetch } from './list.js';
import { Badge, Spinner } from './page.js';
import { Table } from './table.js';
import { CONSTRAINT } from './words.js';

const shown = (value) => (value === null || value === undefined ? 'none' : typeof value === 'object' ? Object.entries(value).map(([name, one]) => (Array.isArray(value) ? one : `${name}=${one}`)).join(', ') || 'none' : value);
const detailOf = (detail) => Object.entries(detail).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${shown(value)}`).join(' · ');

const COLUMNS = [
	{ key: 'agent', label: 'Agent', render: (row) => html`<a href=${`/admin/agents/${encodeURIComponent(row.agent)}`}>${row.agent}</a>` },
	{ key: 'verdict', label: 'Verdict', render: (row) => (row.chosen ? html`<${Badge} tone="ok">chosen<//>` : row.verdict === 'fits' ? html`<${Badge} tone="ok">fits<//>` : html`<${Badge} tone="warn">refused<//>`) },
	{ key: 'constraint', label: 'Because', render: (row) => (row.constraint ? CONSTRAINT[row.constraint] || row.constraint : 'everything fits') },
	{ key: 'detail', label: 'In numbers', render: (row) => detailOf(row.detail) },
];

export function Placement({ answer }) {
	const fitting = answer.agents.filter((agent) => agent.verdict === 'fits').length;
	// Those that fit first: with many agents one looks for them.
	const rows = answer.agents.map((agent) => ({ ...agent, chosen: agent.agent === answer.chosen }))
		.sort((a, b) => Number(b.chosen) - Number(a.chosen) || Number(b.verdict === 'fits') - Number(a.verdict === 'fits'));
	return html`<div class="stack" role="status">
		<p>${answer.chosen ? html`It ${answer.session ? 'is on, or would go to,' : 'would go to'} <strong>${answer.chosen}</strong>. ` : html`<strong>No agent can take it now.</strong> `}
			${answer.agents.length === 0 ? 'There is no agent.' : `${fitting} of ${answer.agents.length} ${answer.agents.length === 1 ? 'agent has' : 'agents have'} a place for it.`}</p>
		${rows.length > 0 && html`<${Table} label="Agents" columns=${COLUMNS} rows=${rows} keyOf=${(row) => row.agent} />`}
	</div>`;
}

export function PlacementOf({ session }) {
	const { data, error, refresh } = useFetch(`/sessions/${encodeURIComponent(session)}/placement`);
	return html`<div class="stack"><${ErrorBox} error=${error} retry=${refresh} />
		${!data && !error && html`<${Spinner} />`}
		${data && html`<${Placement} answer=${data} />`}</div>`;
}

export function PlacementDialog({ session, onClose }) {
	return html`<${Dialog} title=${`Why ${session.name || session.id} waits`} kind="wide" onClose=${onClose}>
		<div class="stack"><${PlacementOf} session=${session.id} />
			<div class="dialog-actions"><button type="button" class="button" onClick=${onClose}>Close</button></div></div>
	<//>`;
}
