// One session as a card: what it is, how it is, what will happen to it, what one can do.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { ago, until, useNow } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { Badge, Time } from '../lib/page.js';
import { nameOf, outlookText, progressText, readable, reasonText, STATES, warningText } from '../lib/session.js';
import { SessionActions } from './session_actions.js';

const LOOK_AGAIN_MS = 60000;

// What will happen by itself; asked again when the session changes, and now and then, since input puts it off.
export function useOutlook(session, round) {
	const [outlook, setOutlook] = useState(null);
	const lasting = ['running', 'hibernated', 'failed', 'pending'].includes(session.state);
	useEffect(() => {
		if (!lasting) {
			setOutlook(null);
			return undefined;
		}
		let here = true;
		const look = () => api.get(`/sessions/${session.id}/outlook`).then((next) => here && setOutlook(next), () => null);
		look();
		const timer = setInterval(look, LOOK_AGAIN_MS);
		return () => {
			here = false;
			clearInterval(timer);
		};
	}, [session.id, session.revision, lasting, round]);
	return outlook;
}

export function Progress({ session }) {
	const { progress, state } = session;
	if (!['starting', 'waking', 'hibernating', 'terminating'].includes(state)) {
		return null;
	}
	const text = progressText(session);
	const percent = typeof progress?.percent === 'number' && progress.percent >= 0 ? progress.percent : undefined;
	return html`<div class="progress">
		<progress max="100" value=${percent} aria-label=${`Progress of ${nameOf(session)}`}></progress>
		${text && text !== STATES[state].label && html`<span class="small muted">${text}</span>`}
	</div>`;
}

function Waiting({ session, now }) {
	return html`<p class="note"><${Icon} name="clock" size="16" /><span>
		${session.position ? html`<strong>Place ${session.position} in the queue.</strong> ` : ''}${reasonText(session)}
		${session.deadline_at && html` <span class="muted">Given up ${until(session.deadline_at, now)} otherwise.</span>`}
	</span></p>`;
}

export function Outlook({ outlook, session, now }) {
	const warning = warningText(session, now);
	if (warning) {
		return html`<p class="note warn"><${Icon} name="alert" size="16" /><span><strong>${warning}.</strong>
			${outlook?.next && html` To prevent it: ${readable(outlook.next.prevent)}.`}</span></p>`;
	}
	if (!outlook?.next || outlook.next.rule === 'deadline') {
		return null;
	}
	return html`<p class="note"><${Icon} name="clock" size="16" /><span>${outlookText(outlook.next, now, outlook.kept_until)}.
		<span class="muted"> To prevent it: ${readable(outlook.next.prevent)}.</span></span></p>`;
}

export function Why({ session }) {
	const text = reasonText(session);
	const step = session.failure?.next_step || session.next_step;
	if (!text && !step) {
		return null;
	}
	const tone = session.state === 'failed' ? 'danger' : '';
	return html`<p class=${`note ${tone}`}><${Icon} name=${tone ? 'alert' : 'info'} size="16" /><span>
		${text} ${step && html`<span class="muted">${step}</span>`}
		${session.state === 'failed' && session.reason && html` <code class="small">${session.reason}</code>`}</span></p>`;
}

export function SessionCard({ session, me, onChange }) {
	const now = useNow(15000);
	const outlook = useOutlook(session);
	const { label, tone } = STATES[session.state];
	const foreign = session.owner !== me.name;
	return html`<li class="card session" data-session=${session.id} data-state=${session.state}>
		<div class="session-head">
			<div class="grow"><h3><a href=${`/sessions/${session.id}`}>${nameOf(session)}</a></h3>
				<p class="muted small">${session.name ? `${session.template} · ` : ''}${foreign ? `of ${session.owner} · ` : ''}<${Time} at=${session.created_at}>${ago(session.created_at, now)}<//></p></div>
			<${Badge} tone=${tone}>${label}<//>
		</div>
		<div class="session-body stack tight">
			<${Progress} session=${session} />
			${session.state === 'pending' ? html`<${Waiting} session=${session} now=${now} />` : html`<${Why} session=${session} />`}
			<${Outlook} outlook=${outlook} session=${session} now=${now} />
			${session.tags.length > 0 && html`<p class="tags">${session.tags.map((tag) => html`<span key=${tag} class="tag">${tag}</span>`)}</p>`}
		</div>
		<${SessionActions} session=${session} onChange=${onChange} />
	</li>`;
}
