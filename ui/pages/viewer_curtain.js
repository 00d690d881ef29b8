// What stands in front of the screen while there is none: progress, or why not and what to do.
import { ErrorBox } from '../lib/error_box.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { progressText, reasonText, STATES } from '../lib/session.js';

const STEPS = { pending: 0, hibernated: 0, starting: 1, waking: 1, hibernating: 0, running: 2 };

const Code = ({ cut }) => cut?.word && html`<p class="muted small">Code <code>${cut.word}</code></p>`;

// The way to the screen in three steps, so that one sees how far it is.
function Steps({ session, phase }) {
	const at = phase === 'connecting' || phase === 'reconnecting' ? 2 : STEPS[session.state] ?? 0;
	const names = ['Find a place', session.state === 'waking' || session.state === 'hibernated' ? 'Wake the desktop' : 'Start the desktop', 'Connect'];
	return html`<ol class="steps">${names.map((name, index) => html`<li key=${name}
		class=${index < at ? 'done' : index === at ? 'now' : ''} aria-current=${index === at ? 'step' : undefined}>
		<span class="step-mark" aria-hidden="true">${index < at ? html`<${Icon} name="check" size="14" />` : index + 1}</span>${name}</li>`)}</ol>`;
}

function Coming({ link }) {
	const { session, phase, cut } = link;
	const title = cut ? cut.title : phase === 'waking' ? STATES[session.state].label : 'Connecting';
	const percent = session.progress?.percent;
	const text = cut ? `${cut.text}${cut.again ? ' Connecting again…' : ''}`
		: session.state === 'pending' ? `${session.position ? `Place ${session.position} in the queue. ` : ''}${reasonText(session)}`
			: phase === 'waking' && progressText(session) !== title ? progressText(session) : '';
	return html`<span class="turning large" aria-hidden="true"></span>
		<h2>${title}</h2>
		${text && html`<p class="muted">${text}</p>`}
		<${Code} cut=${cut} />
		${typeof percent === 'number' && percent >= 0 && phase === 'waking' && html`<progress max="100" value=${percent} aria-label="Progress"></progress>`}
		${!cut && html`<${Steps} session=${session} phase=${phase} />`}
		${session.state === 'pending' && session.next_step && html`<p class="muted small">${session.next_step}</p>`}
		${session.state === 'pending' && html`<a class="button" href="/">Back to my sessions; it starts by itself</a>`}`;
}

// Why there is no screen any more: by the session's state where that says it, else by what the server said.
function endOf({ session, cut }) {
	switch (session.state) {
	case 'hibernated':
	case 'hibernating':
		return { title: 'The session hibernates', text: reasonText(session) || 'Its programs ended; the files in its home are kept.', action: session.state === 'hibernated' && 'Wake and go on' };
	case 'failed':
		return { title: 'The session failed', text: reasonText(session), hint: session.failure?.next_step, action: 'Retry' };
	case 'terminating':
	case 'terminated':
		return { title: 'The session has ended', text: reasonText(session) || (session.home ? `The files in its home ${session.home.name} are kept.` : '') };
	default:
		return { title: cut?.title || 'Not connected', text: cut?.text, action: cut?.code === 4002 ? null : 'Connect again' };
	}
}

function Ended({ link, mine }) {
	const { session, error, cut, retry } = link;
	if (error) {
		return html`<h2>No connection</h2><${ErrorBox} error=${error} retry=${retry} />`;
	}
	const { title, text, hint, action } = endOf({ session, cut });
	const acting = action && (mine || action === 'Connect again');
	return html`<span class="empty-icon"><${Icon} name=${session.state === 'failed' ? 'alert' : session.state === 'hibernated' ? 'moon' : 'desktop'} size="28" /></span>
		<h2>${title}</h2>
		${text && html`<p class="muted">${text}</p>`}
		<${Code} cut=${cut} />
		${hint && html`<p class="muted small">${hint}</p>`}
		${action && !acting && html`<p class="muted small">Only its owner ${session.owner} can ${session.state === 'failed' ? 'retry' : 'wake'} it.</p>`}
		${acting && html`<button type="button" class="button primary" onClick=${retry}>${action}</button>`}
		<a class="button" href="/">My sessions</a>`;
}

export function ViewerCurtain({ link, mine }) {
	const { session, readError, phase, refresh } = link;
	let content;
	if (!session) {
		content = readError ? html`<h2>No such session</h2><${ErrorBox} error=${readError} retry=${refresh} /><a class="button" href="/">My sessions</a>`
			: html`<span class="turning large" aria-hidden="true"></span><h2>Looking for the session</h2>`;
	} else {
		content = phase === 'ended' ? html`<${Ended} link=${link} mine=${mine} />` : html`<${Coming} link=${link} />`;
	}
	return html`<div class="curtain"><div class="curtain-card" role="status" aria-live="polite">${content}</div></div>`;
}
