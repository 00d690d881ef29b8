// A small organisation in the middle of its day: what pages look like when there is something on them.
import { TERMINAL } from './test.js';

export const STUDIO = {
	...TERMINAL,
	displayName: 'Studio',
	description: 'Pictures and sketches',
	category: 'Graphics',
	tags: ['drawing', 'pictures'],
	parameters: [
		{ name: 'title', type: 'string', label: 'Title', required: true, minLength: 2, maxLength: 40, env: 'STUDIO_TITLE' },
		{ name: 'scale', type: 'integer', label: 'Scale', min: 1, max: 4, default: 2 },
		{ name: 'dark', type: 'boolean', label: 'Dark' },
		{ name: 'theme', type: 'enum', label: 'Theme', values: ['sea', 'sand'], default: 'sea' },
	],
};

// {ada, bob, session (running, shared with bob), asleep, ended}
export async function furnish(stage) {
	await stage.template('terminal', TERMINAL);
	await stage.template('studio', STUDIO);
	await stage.template('browser', { ...TERMINAL, displayName: 'Web browser', description: 'For research', category: 'Internet', tags: ['web'] });
	await stage.template('office', { ...TERMINAL, displayName: 'Office', description: 'Letters, tables, slides', category: 'Writing', tags: ['documents'] });
	const ada = await stage.user('ada');
	const bob = await stage.user('bob');
	await stage.user('grace', { role: 'org_admin' });
	await stage.user('tony', { role: 'operator' });
	await stage.user('vera', { role: 'auditor' });
	await stage.adminRest.put('/groups/students', { display_name: 'Students' });
	await stage.adminRest.put('/groups/students/members/bob', {});
	await stage.adminRest.put('/users/ada/quota', { sessions: 5 });
	await stage.adminRest.put('/groups/students/quota', { sessions: 20 });
	const asleep = await ada.rest.start('studio', { parameters: { title: 'Poster' }, name: 'Poster for the fair' });
	await ada.rest.post(`/sessions/${asleep}:hibernate`);
	await ada.rest.waitState(asleep, 'hibernated');
	const ended = await ada.rest.start('office', { name: 'Letter to the bank' });
	await ada.rest.del(`/sessions/${ended}`);
	await ada.rest.waitState(ended, 'terminated');
	const session = await ada.rest.start('terminal', { name: 'Measurements', tags: ['lab'] });
	await ada.rest.post(`/sessions/${session}/shares`, { user: 'bob', mode: 'view' });
	await ada.rest.post('/homes', { name: 'notes' }).catch(() => {});
	await ada.rest.post('/api-keys', { name: 'backup script', scopes: ['read'] });
	return { ada, bob, session, asleep, ended };
}
