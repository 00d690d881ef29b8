#!/usr/bin/env node
// A user of another organisation, logged in and with the ids in his hands: every page and every call that names a session, its
// viewer, its shares or its owner is refused, and nothing tells him that they exist.
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Shell } from './pages/shell.js';

const calls = (session, share) => [
	['GET', `/sessions/${session}`], ['GET', `/sessions/${session}/events`], ['GET', `/sessions/${session}/outlook`],
	['GET', `/sessions/${session}/shares`], ['POST', `/sessions/${session}/shares`, { user: 'eve', mode: 'view' }],
	['DELETE', `/sessions/${session}/shares/${share}`], ['POST', `/sessions/${session}/viewer-tickets`, {}],
	['POST', `/sessions/${session}/viewer-tickets`, { mode: 'view' }], ['POST', `/sessions/${session}:hibernate`, {}],
	['POST', `/sessions/${session}:wake`, {}], ['POST', `/sessions/${session}:extend`, { seconds: 60 }], ['DELETE', `/sessions/${session}`],
	['GET', `/sessions/${session}/placement`], ['GET', `/sessions/${session}/policy`], ['POST', '/sessions', { template: 'terminal' }],
];

// As the page asks: with its cookie, from its origin.
function asThePage(page, method, path, body) {
	return page.evaluate(async ([verb, where, what]) => {
		const answer = await fetch(`/api/v1${where}`, {
			method: verb,
			headers: { 'Content-Type': 'application/json' },
			body: verb === 'GET' ? undefined : JSON.stringify(what || {}),
		});
		return { status: answer.status, text: await answer.text() };
	}, [method, path, body]);
}

// Opens a viewer with a ticket; the code with which it was closed, or 0 when it stayed open until its greeting.
function connect(page, session, ticket) {
	return page.evaluate(([id, secret]) => new Promise((resolve) => {
		const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/vnc/${id}?ticket=${secret}`);
		socket.onmessage = () => resolve(0);
		socket.onclose = (event) => resolve(event.code);
	}), [session, ticket]);
}

async function tickets(t, eve, ada, session) {
	const { ticket } = await ada.rest.post(`/sessions/${session}/viewer-tickets`);
	t.ok(await connect(eve.page, eve.session, ticket) !== 0, 'a ticket for one session does not open another');
	const again = (await ada.rest.post(`/sessions/${session}/viewer-tickets`)).ticket;
	t.eq(await connect(eve.page, session, again), 0, 'a ticket opens one viewer');
	t.ok(await connect(eve.page, session, again) !== 0, 'it does not open a second one');
	t.ok(await connect(eve.page, session, '0'.repeat(64)) !== 0, 'nor does an invented one');
	const mine = await eve.user.rest.post(`/sessions/${eve.session}/viewer-tickets`);
	t.ok(await connect(eve.page, session, mine.ticket) !== 0, "nor does one for a session of one's own");
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	await stage.adminRest.put('/orgs/other', { display_name: 'Other' });
	await stage.template('theirs', TERMINAL, '?org=other');
	const ada = await stage.user('ada');
	const session = await ada.rest.start('terminal');
	await stage.user('bob');
	const share = (await ada.rest.post(`/sessions/${session}/shares`, { user: 'bob' })).id;
	const eve = await visit();
	eve.watch.allow(/^WebSocket connection to .* failed/);
	eve.user = await stage.user('eve', { org: 'other' });
	await new Shell(eve.page).logIn(eve.user);

	for (const [method, path, body] of calls(session, share)) {
		const { status, text } = await asThePage(eve.page, method, path, body);
		t.ok([403, 404].includes(status) && !text.includes('"ada"'), `${method} ${path.replaceAll(session, 'S').replaceAll(share, 'H')}: ${status}`);
	}
	for (const path of [`/sessions/${session}`, `/view/${session}`]) {
		await eve.page.goto(path);
		await waitFor('the refusal', async () => (await eve.page.getByText('not_found').count()) > 0);
		t.ok(!/\bada\b/.test(await eve.page.locator('main').innerText()), `the page ${path.replace(session, 'S')} says not_found and nothing else`);
	}
	await eve.page.goto('/');
	await eve.page.getByRole('heading', { level: 1 }).waitFor();
	t.ok(!(await eve.page.content()).includes(session), 'his list does not have it');
	const list = JSON.parse((await asThePage(eve.page, 'GET', '/sessions')).text);
	t.eq(list.items, [], 'nor has the answer of the API');

	eve.session = await eve.user.rest.start('theirs');
	await tickets(t, eve, ada, session);
});
