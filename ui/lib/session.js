// What the states and reasons of a session mean, in words.
import { duration, person, until } from './format.js';

export const STATES = {
	pending: { label: 'Waiting for a place', tone: 'warn' },
	starting: { label: 'Starting', tone: 'busy' },
	running: { label: 'Running', tone: 'ok' },
	hibernating: { label: 'Hibernating', tone: 'busy' },
	hibernated: { label: 'Hibernated', tone: 'neutral' },
	waking: { label: 'Waking', tone: 'busy' },
	terminating: { label: 'Ending', tone: 'busy' },
	terminated: { label: 'Ended', tone: 'neutral' },
	failed: { label: 'Failed', tone: 'danger' },
};

// States that pass by themselves within a short time.
export const PASSING = ['pending', 'starting', 'waking', 'hibernating', 'terminating'];
export const LIVING = ['pending', 'starting', 'running', 'hibernating', 'hibernated', 'waking', 'terminating', 'failed'];

const REASONS = {
	no_capacity: 'Every agent that fits is full at the moment.',
	no_agent_available: 'No agent that fits is connected at the moment.',
	agent_offline: 'Its agent is not connected at the moment.',
	idle: 'It got no input for as long as the rules allow.',
	max_duration: 'It ran for as long as the rules allow.',
	schedule: 'Its working hours were over.',
	start_timeout: 'It did not start in time.',
	wake_timeout: 'It did not wake in time.',
	hibernate_timeout: 'It did not hibernate in time.',
	pending_expired: 'No place was free for too long.',
	capacity_exhausted: 'The agent had no room left.',
	compute_ended: 'Its processes ended by themselves.',
	process_exited: 'Its program ended by itself.',
};

export const nameOf = (session) => session.name || session.template;

// "No agent that fits is connected" for a reason that is known, else the message that came with it.
export function reasonText(session) {
	if (session.state === 'failed') {
		return session.failure?.message || REASONS[session.reason] || session.message || session.reason;
	}
	return REASONS[session.reason] || session.message || '';
}

export function progressText({ progress }) {
	if (!progress) {
		return '';
	}
	const phase = progress.phase.charAt(0).toUpperCase() + progress.phase.slice(1);
	return typeof progress.percent === 'number' && progress.percent >= 0 ? `${phase}, ${progress.percent} %` : phase;
}

// The seconds of a sentence of the API, as people say them.
export const readable = (text) => (text || '').replace(/\b(\d{2,}) s\b/g, (_, seconds) => duration(Number(seconds)));

const EVENTS = {
	create: 'Created', place: 'Place found', retry: 'Tried again', hibernate: 'Hibernation began', wake: 'Woken', terminate: 'Termination began',
	force_terminate: 'Terminated by force', report_running: 'Desktop is up', report_failed: 'Failed', report_terminated: 'Ended',
	report_hibernated: 'Hibernated', report_missing: 'Lost by its agent, started again', start_timeout: 'Did not start in time',
	wake_timeout: 'Did not wake in time', hibernate_timeout: 'Did not hibernate in time', pending_expired: 'Waited too long',
	failed_expired: 'Failed for too long', share: 'Shared', revoke_share: 'Share revoked', extend: 'Kept running', update: 'Described',
};

// "report_running" → "Desktop is up"; what has no words of its own as it is.
export function eventText({ event }) {
	const text = EVENTS[event] || event.replaceAll('_', ' ');
	return text.charAt(0).toUpperCase() + text.slice(1);
}

const ACTIONS = {
	hibernate: 'Hibernates', terminate: 'Ends', wake: 'Wakes', retry: 'Is tried again', fail: 'Is given up',
};

const DUE_TO = {
	idle: (entry) => `because it gets no input (${duration(entry.seconds)} without are allowed)`,
	max_duration: (entry) => `because it may run for ${duration(entry.seconds)} at most`,
	schedule: (entry) => `because its working hours ${entry.action === 'wake' ? 'begin' : 'end'}`,
	retry: () => 'because it failed in a way that may pass',
	deadline: (entry) => (entry.action === 'terminate' ? 'because that is how long it is kept' : 'unless it gets on before'),
};

// What was kept running by hand stops when that time is over, whatever rule it is that stops it then.
export function outlookText(entry, now, keptUntil) {
	const why = keptUntil && entry.at === keptUntil ? 'when the time that it is kept for is over' : DUE_TO[entry.rule](entry);
	return `${ACTIONS[entry.action]} ${until(entry.at, now)} ${why}`;
}

const SCOPES = {
	session: 'this session', template: 'the template', user: 'the user', group: 'the group', org: 'the organisation',
	installation: 'the installation',
};

// Who made the rule: "set by grace for the organisation acme"
export function ruleSource(entry) {
	if (!entry.scope || entry.scope === 'installation') {
		return 'a rule of the installation';
	}
	const name = entry.name && entry.scope !== 'session' ? ` ${entry.name}` : '';
	return `set ${entry.set_by ? `by ${person(entry.set_by)} ` : ''}for ${SCOPES[entry.scope]}${name}`;
}

export function warningText({ warning }, now) {
	if (!warning) {
		return '';
	}
	const why = { idle: 'nobody uses it', max_duration: 'its longest run is over', schedule: 'its working hours end' }[warning.rule];
	return `${ACTIONS[warning.action]} ${until(warning.at, now)} because ${why}`;
}
