// Words and colours for what the API says by codes: [tone, word].
import { STATES } from './session.js';

export const APPROVAL = { pending: ['warn', 'waits for approval'], approved: ['ok', 'approved'], rejected: ['danger', 'rejected'] };
export const STATE = { online: ['ok', 'online'], degraded: ['warn', 'degraded'], offline: ['danger', 'offline'] };
export const SESSION = Object.fromEntries(Object.entries(STATES).map(([state, { tone, label }]) => [state, [tone, label]]));
export const STUCK = {
	cleanup_debt: ['warn', 'left something on its agent'], past_deadline: ['danger', 'past its deadline'], failed: ['danger', 'failed'],
	agent_offline: ['warn', 'its agent is offline'], waiting_for_an_agent: ['busy', 'waits for an agent'],
	observed_differs: ['warn', 'observed otherwise'],
};
export const CONSTRAINT = {
	approval: 'not approved', platform: 'another platform', agent: 'not the agent that was asked for', home: 'the home lies on another agent',
	region: 'another region', labels: 'lacks labels', org: 'serves other organisations', size: 'too small in all', offline: 'offline',
	draining: 'draining', sessions: 'no place for one more session', millicores: 'not enough processor left', memory_mib: 'not enough memory left',
	others_wait: 'others wait for it already',
};

export const optionsOf = (words) => Object.entries(words).map(([value, [, label]]) => ({ value, label }));
