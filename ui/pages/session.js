// One session: how it is, what will happen, who else may see it, and what happened.
import { useState } from 'preact/hooks';
import { ErrorBox } from '../lib/error_box.js';
import { ago, cores, mib, person, useNow, when } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { useList } from '../lib/list.js';
import { isMine, mayChange } from '../lib/me.js';
import { Badge, Facts, Page, Section, Spinner, Time } from '../lib/page.js';
import { eventText, nameOf, outlookText, readable, ruleSource, STATES } from '../lib/session.js';
import { useSession } from '../lib/sessions.js';
import { SessionActions } from './session_actions.js';
import { Outlook, Progress, useOutlook, Why } from './session_card.js';
import { PolicyDialog } from './session_policy.js';
import { Schedule } from './session_schedule.js';
import { Shares } from './session_shares.js';
import { Viewers } from './session_viewers.js';

function Overview({ session }) {
	const parameters = Object.entries(session.parameters);
	return html`<${Section} title="Overview">
		${session.notes && html`<p class="notes">${session.notes}</p>`}
		<${Facts} items=${[
			['Template', html`<a href=${`/catalog/${session.template}`}>${session.template}</a> (revision ${session.template_revision})`],
			['Owner', session.owner],
			['Agent', session.agent ? `${session.agent} (${session.platform})` : session.platform],
			['Size', `${cores(session.millicores)}, ${mib(session.memory_mib)}`],
			['Home', session.home ? session.home.name : 'none: files end with the session'],
			['Started', html`<${Time} at=${session.created_at}>${when(session.created_at)}<//>`],
			['Tags', session.tags.join(', ')],
			['Id', html`<code class="small">${session.id}</code>`],
			...parameters.map(([name, value]) => [name, String(value)]),
		]} />
	<//>`;
}

function OutlookSection({ session, outlook, now, onChange }) {
	const [editing, setEditing] = useState(false);
	const change = session.state === 'running' && isMine(session)
		&& html`<button type="button" class="button small" onClick=${() => setEditing(true)}>Change the rules</button>`;
	return html`<${Section} title="What will happen by itself" actions=${change}>
		${editing && html`<${PolicyDialog} session=${session} onDone=${onChange} onClose=${() => setEditing(false)} />`}
		${outlook.all.length === 0 && html`<p class="muted">Nothing: no rule stops it.</p>`}
		${outlook.all.length > 0 && html`<ul class="lines">${outlook.all.map((entry) => html`<li key=${entry.rule}>
			<${Icon} name="clock" size="18" />
			<div class="grow stack tight"><strong>${outlookText(entry, now, outlook.kept_until)}</strong>
				<span class="muted small">${when(entry.at)} · ${ruleSource(entry)} · to prevent it: ${readable(entry.prevent)}</span></div>
		</li>`)}</ul>`}
		${outlook.kept_until && Date.parse(outlook.kept_until) > now && html`<p>Kept by hand until ${when(outlook.kept_until)}: no rule stops it before.</p>`}
		${outlook.kept_active_by && html`<p class="muted small">${outlook.kept_active_by.kind === 'input'
			? `Last input ${ago(outlook.kept_active_by.at, now)} by ${person(outlook.kept_active_by.by)}.`
			: `No input is known; idle time counts from ${when(outlook.kept_active_by.at)}.`}</p>`}
	<//>`;
}

function History({ session }) {
	const list = useList(`/sessions/${session.id}/events`, { limit: 50 });
	return html`<${Section} title="History" actions=${html`<button type="button" class="button small" onClick=${list.refresh}>
		<${Icon} name="refresh" size="16" />Read again</button>`}>
		<${ErrorBox} error=${list.error} />
		${list.loading && list.items.length === 0 && html`<${Spinner} />`}
		<ol class="history">${list.items.map((event) => html`<li key=${event.id}>
			<${Time} at=${event.at}><span class="muted small">${when(event.at)}</span><//>
			<span><strong>${eventText(event)}</strong>
				${event.to_state && event.to_state !== event.from_state && html` → ${STATES[event.to_state]?.label || event.to_state}`}
				<span class="muted small"> by ${person(event.actor)}${event.reason ? ` · ${event.reason}` : ''}${event.message ? ` · ${event.message}` : ''}</span></span>
		</li>`)}</ol>
		${list.more && html`<button type="button" class="button" onClick=${list.loadMore}>Older</button>`}
	<//>`;
}

export default function SessionPage({ params }) {
	const { session, error, refresh, take } = useSession(params.id);
	const now = useNow(15000);
	const back = { href: '/', label: 'My sessions' };
	if (!session) {
		return html`<${Page} title="Session" back=${back}>${error ? html`<${ErrorBox} error=${error} retry=${refresh} />` : html`<${Spinner} />`}<//>`;
	}
	return html`<${Loaded} session=${session} now=${now} take=${take} back=${back} />`;
}

function Loaded({ session, now, take, back }) {
	const [round, setRound] = useState(0);
	const outlook = useOutlook(session, round);
	const mine = isMine(session);
	const { label, tone } = STATES[session.state];
	const lasting = session.state === 'running' || session.state === 'hibernated';
	return html`<${Page} title=${nameOf(session)} back=${back} badge=${html`<${Badge} tone=${tone}>${label}<//>`}
		actions=${html`<${SessionActions} session=${session} onChange=${take} />`}>
		<div class="stack tight" data-session=${session.id} data-state=${session.state}>
			<${Progress} session=${session} /><${Why} session=${session} /><${Outlook} outlook=${outlook} session=${session} now=${now} /></div>
		<${Overview} session=${session} />
		${outlook && html`<${OutlookSection} session=${session} outlook=${outlook} now=${now} onChange=${() => setRound(round + 1)} />`}
		${mine && session.state !== 'terminated' && html`<${Section} title="Sharing"><${Shares} session=${session} /><//>`}
		${session.state === 'running' && mine && html`<${Viewers} session=${session} />`}
		${lasting && html`<${Schedule} session=${session} changeable=${mine} />`}
		${(mine || !mayChange()) && html`<${History} key=${session.state} session=${session} />`}
	<//>`;
}
