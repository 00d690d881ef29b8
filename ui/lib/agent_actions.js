// What a platform administrator does to an agent, each asked for first.
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { AskFirst } from './change.js';
import { Dialog } from './dialog.js';
import { Form } from './form.js';
import { html } from './html.js';
import { ShownOnce } from './once.js';
import { notify } from './toast.js';

const pathOf = (agent) => `/agents/${encodeURIComponent(agent.id)}`;

// The digits come from the agent's own output, not from here: comparing is what makes the approval worth something.
export function ApproveDialog({ agent, onDone, onClose }) {
	const [key, setKey] = useState(null);
	if (key) {
		return html`<${ShownOnce} title=${`Key of ${agent.id}`} label="Key" value=${key} onClose=${onClose}>
			<p>The agent has no key of its own: give it this one and start it again.</p><//>`;
	}
	const approve = async ({ prefix }) => {
		const answer = await api.post(`${pathOf(agent)}:approve`, prefix ? { key_prefix: prefix.toLowerCase() } : {}, { ifRevision: agent.revision });
		onDone(answer.agent);
		notify(`${agent.id} is approved`);
		if (answer.api_key) {
			setKey(answer.api_key);
		} else {
			onClose();
		}
	};
	const fields = agent.key_prefix ? [{ name: 'prefix', label: 'Key prefix', type: 'text', required: true, pattern: '[0-9a-fA-F]{8}', pointer: '/key_prefix', autofocus: true,
		patternHelp: '8 hexadecimal digits are required', help: 'The 8 digits that the agent itself printed at its start, not those of this page' }] : [];
	return html`<${Dialog} title=${`Approve ${agent.id}`} onClose=${onClose}>
		<${Form} fields=${fields} submit="Approve" onSubmit=${approve} onCancel=${onClose}>
			${agent.key_prefix
				? html`<p>The agent that registered as <strong>${agent.id}</strong> (${agent.platform}) holds a key that begins with <code class="prefix">${agent.key_prefix}</code>.</p>
					<p>Look at the output of the agent on its machine and type the prefix that stands there. If the two differ, somebody else registered under this name: reject it.</p>`
				: html`<p><strong>${agent.id}</strong> (${agent.platform}) speaks the protocol of StreamSpace 2.0 and has no key of its own. Approving makes one, which is shown once.</p>`}
			<p class="muted">Afterwards it connects and gets sessions.</p>
		<//>
	<//>`;
}

export function RejectDialog({ agent, onDone, onClose }) {
	const reject = async ({ reason }) => {
		const answer = await api.post(`${pathOf(agent)}:reject`, { reason }, { ifRevision: agent.revision });
		onDone(answer.agent);
		notify(`${agent.id} is rejected`);
		onClose();
	};
	const sessions = agent.used?.sessions || 0;
	return html`<${Dialog} title=${`Reject ${agent.id}`} onClose=${onClose}>
		<${Form} danger submit="Reject" fields=${[{ name: 'reason', label: 'Reason', type: 'text', maxLength: 500, help: 'Stands in the audit log' }]}
			onSubmit=${reject} onCancel=${onClose}>
			<p>Its connection ends at once and nothing that it says counts. An approval lifts the rejection.</p>
			${sessions > 0 && html`<p><strong>${sessions} ${sessions === 1 ? 'session is' : 'sessions are'} on it</strong> and cannot be reached or ended until it is approved again.</p>`}
		<//>
	<//>`;
}

export function DrainDialog({ agent, onDone, onClose }) {
	const draining = !agent.draining;
	const call = (options) => api.patch(pathOf(agent), { draining }, options);
	return html`<${AskFirst} title=${draining ? `Drain ${agent.id}` : `End draining ${agent.id}`} action=${draining ? 'Drain' : 'End draining'} danger=${false}
		preview=${() => call({ dryRun: true })} perform=${() => call({ ifRevision: agent.revision })} onClose=${onClose}
		onDone=${(answer) => {
			onDone(answer);
			notify(draining ? `${agent.id} gets no new sessions` : `${agent.id} gets new sessions again`);
		}}>
		${(answer) => (draining
			? html`<p>It gets no new sessions. ${answer.used.sessions === 0 ? 'It has none, so it can be stopped at once.'
				: `The ${answer.used.sessions} that it has go on until they end or are hibernated.`}</p>`
			: html`<p>It gets new sessions again, and those that wait for a place may start there at once.</p>`)}
	<//>`;
}
