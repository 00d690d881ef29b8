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

// Ids that would lead a page's calls out of what the address names; as a link within the page, and as one that the server sees.
async function outside(t, { page, watch }, session) {
	const before = watch.urls.length;
	for (const path of ['/sessions/..%2Fme', '/view/..%2Fme%3F', '/admin/users/%252e%252e%2Fme', '/catalog/a%23b', `/sessions/${session}%3Fx`]) {
		await page.evaluate((to) => {
			history.pushState(null, '', to);
			window.dispatchEvent(new PopStateEvent('popstate'));
		}, path);
		await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
		await page.evaluate(() => {
			history.pushState(null, '', '/homes');
			window.dispatchEvent(new PopStateEvent('popstate'));
		});
		await page.getByRole('heading', { level: 1, name: 'Homes' }).waitFor();
	}
	await page.goto(`/view/${session}%3Fx`);
	await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
	const asked = watch.urls.slice(before).map((url) => new URL(url)).filter(({ pathname }) => /^\/api\/v1\/(sessions|templates|users|me\/)/.test(pathname));
	t.eq(asked.map(({ href }) => href).filter((url) => !/\/users\/eve\/quota/.test(url)), [], 'an address whose id leads elsewhere is no page, and asks for nothing');
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
	await outside(t, eve, session);
	await eve.page.goto('/');
	await eve.page.getByRole('heading', { level: 1 }).waitFor();
	t.ok(!(await eve.page.content()).includes(session), 'his list does not have it');
	const list = JSON.parse((await asThePage(eve.page, 'GET', '/sessions')).text);
	t.eq(list.items, [], 'nor has the answer of the API');

	eve.session = await eve.user.rest.start('theirs');
	await tickets(t, eve, ada, session);
});
