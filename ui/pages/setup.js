// For who sets an installation up: what is still missing before anybody can start a session.
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { useFetch } from '../lib/list.js';

function Step({ done, number, title, href, action, children }) {
	return html`<li class=${done ? 'setup-step done' : 'setup-step'}>
		<span class="step-mark" aria-hidden="true">${done ? html`<${Icon} name="check" size="14" />` : number}</span>
		<div class="grow"><h3>${title}${done && html`<span class="hidden-text"> (done)</span>`}</h3><p class="muted small">${children}</p></div>
		${!done && href && html`<a class="button small" href=${href}>${action}</a>`}
	</li>`;
}

export function Setup({ templates }) {
	const { data } = useFetch('/agents', { limit: 200 });
	if (!data) {
		return null;
	}
	const waiting = data.items.filter((agent) => agent.approval === 'pending').length;
	const online = data.items.some((agent) => agent.approval === 'approved' && agent.state !== 'offline');
	if (online && templates.length > 0) {
		return null;
	}
	return html`<section class="section" aria-labelledby="setup-title">
		<h2 id="setup-title">Two things, and the first session can start</h2>
		<ol class="setup">
			<${Step} done=${online} number="1" title="Connect an agent" href="/admin/agents" action=${waiting ? 'Approve it' : 'How to'}>
				${waiting > 0 ? 'An agent has registered and waits for your approval.'
					: 'Agents run the desktops. Start streamspace-agent on a machine, or in a cluster, and approve it here.'}<//>
			<${Step} done=${templates.length > 0} number="2" title="Add a template" href="/admin/new-template" action="Add">
				A template says what a session runs: a program on the agent’s machine, or an image.<//>
		</ol>
	</section>`;
}
