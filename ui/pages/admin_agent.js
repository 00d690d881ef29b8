// One agent: capacity with use, which sessions it may get, and what can be done to it.
import { useState } from 'preact/hooks';
import { ApproveDialog, DrainDialog, RejectDialog } from '../lib/agent_actions.js';
import { api } from '../lib/api.js';
import { ChangeDialog } from '../lib/change.js';
import { ErrorBox } from '../lib/error_box.js';
import { ago, cores, mib, when, useNow } from '../lib/format.js';
import { html } from '../lib/html.js';
import { useFetch } from '../lib/list.js';
import { may } from '../lib/me.js';
import { Meter } from '../lib/meter.js';
import { Badge, Facts, Page, Section, Spinner } from '../lib/page.js';
import { notify } from '../lib/toast.js';
import { APPROVAL, STATE } from '../lib/words.js';

const LABELS = { labels: 'Labels', orgs: 'Serves', draining: 'Draining', max_sessions: 'Sessions',
	'limits.max_sessions': 'Sessions', 'limits.max_millicores': 'Processor', 'limits.max_memory_mib': 'Memory' };
const BOUND = { type: 'number', min: 0, max: 1000000000 };

function readLabels(words) {
	const labels = {};
	for (const line of String(words ?? '').split('\n').map((one) => one.trim()).filter(Boolean)) {
		const at = line.indexOf('=');
		if (at < 1) {
			throw Object.assign(new Error('Not a label'), { code: 'invalid_argument', title: 'Not a label', pointer: '/labels', detail: 'each line is name=value', hint: '' });
		}
		labels[line.slice(0, at).trim()] = line.slice(at + 1).trim();
	}
	return labels;
}

const writeLabels = (labels) => Object.entries(labels).map(([name, value]) => `${name}=${value}`).join('\n');

function TermsDialog({ agent, onDone, onClose }) {
	const fields = [
		{ name: 'labels', label: 'Labels', type: 'textarea', rows: 3, help: 'One name=value a line; templates and sessions can ask for them' },
		{ name: 'orgs', label: 'Organisations', type: 'tags', help: 'That it serves, separated by blanks; empty: all' },
		{ name: 'max_sessions', label: 'Sessions at most', ...BOUND, max: 1000000, help: 'Empty: what the agent says itself' },
		{ name: 'max_millicores', label: 'Processor at most, in thousandths of a core', ...BOUND, help: 'Of its sessions in sum; empty: no bound' },
		{ name: 'max_memory_mib', label: 'Memory at most, in MiB', ...BOUND, help: 'Of its sessions in sum; empty: no bound' },
	];
	const initial = { labels: writeLabels(agent.labels), orgs: agent.orgs.join(' '), ...agent.limits };
	const body = (values) => ({ labels: readLabels(values.labels), orgs: values.orgs, max_sessions: values.max_sessions ?? -1,
		max_millicores: values.max_millicores ?? -1, max_memory_mib: values.max_memory_mib ?? -1 });
	return html`<${ChangeDialog} title=${`Which sessions ${agent.id} gets`} fields=${fields} initial=${initial} before=${agent} labels=${LABELS}
		lead="Sessions that it has stay, whatever is changed here." call=${(values, options) => api.patch(`/agents/${encodeURIComponent(agent.id)}`, body(values), options)}
		onDone=${onDone} onClose=${onClose} />`;
}

function Full({ agent, ask }) {
	const now = useNow(15000);
	return html`
		<${Section} title="Capacity" actions=${html`<button type="button" class="button small" onClick=${() => ask(TermsDialog)}>Change</button>`}>
			<div class="meters">
				<div><${Meter} label="Sessions" used=${agent.used.sessions} limit=${agent.max_sessions} /></div>
				<div><${Meter} label="Processor" used=${agent.used.millicores} limit=${agent.limits.max_millicores} format=${cores} /></div>
				<div><${Meter} label="Memory" used=${agent.used.memory_mib} limit=${agent.limits.max_memory_mib} format=${mib} /></div>
			</div>
			<${Facts} items=${[['Labels', Object.entries(agent.labels).map(([name, value]) => `${name}=${value}`).join(', ') || 'none'],
				['Serves', agent.orgs.join(', ') || 'all organisations'],
				['Bound by an administrator', agent.limits.max_sessions === null ? 'no' : `${agent.limits.max_sessions} sessions`]]} />
		<//>
		<${Section} title="Connection">
			<${Facts} items=${[['Platform', agent.platform], ['Region', agent.region || 'none'], ['Protocol', agent.protocol_version],
				['Key prefix', agent.key_prefix && html`<code>${agent.key_prefix}</code>`], ['Connected', when(agent.connected_at)],
				['Last heartbeat', ago(agent.last_heartbeat_at, now)], ['Registered', when(agent.created_at)]]} />
		<//>`;
}

export default function Agent({ params }) {
	const path = `/agents/${encodeURIComponent(params.id)}`;
	const { data: agent, error, refresh, set } = useFetch(path);
	const [Asked, setAsked] = useState(null);
	const ask = (dialog) => setAsked(() => dialog);
	const full = may('platform_admin');
	// What a dialog was about may have been changed by somebody else: look again when it closes.
	const close = () => {
		setAsked(null);
		refresh();
	};
	const done = (changed) => {
		set(changed);
		notify(`${changed.id} is changed`);
	};
	return html`<${Page} title=${params.id} back=${{ href: '/admin/agents', label: 'Agents' }}
		badge=${agent && html`<span class="row"><${Badge} tone=${STATE[agent.state][0]}>${STATE[agent.state][1]}<//>
			${agent.approval && html`<${Badge} tone=${APPROVAL[agent.approval][0]}>${APPROVAL[agent.approval][1]}<//>`}
			${agent.draining && html`<${Badge} tone="busy">draining<//>`}</span>`}
		actions=${agent && full && html`
			${agent.approval !== 'approved' && html`<button type="button" class="button primary" onClick=${() => ask(ApproveDialog)}>Approve</button>`}
			${agent.approval === 'approved' && html`<button type="button" class="button" onClick=${() => ask(DrainDialog)}>${agent.draining ? 'End draining' : 'Drain'}</button>`}
			${agent.approval !== 'rejected' && html`<button type="button" class="button danger" onClick=${() => ask(RejectDialog)}>Reject</button>`}
			<button type="button" class="button" onClick=${refresh}>Refresh</button>`}>
		<${ErrorBox} error=${error} retry=${refresh} />
		${!agent && !error && html`<${Spinner} />`}
		${agent && (full ? html`<${Full} agent=${agent} ask=${ask} />`
			: html`<${Section} title="Agent"><${Facts} items=${[['Platform', agent.platform], ['State', agent.state]]} />
				<p class="muted">Platform administrators see more of it.</p><//>`)}
		${Asked && html`<${Asked} agent=${agent} onClose=${close} onDone=${Asked === TermsDialog ? done : set} />`}
	<//>`;
}
