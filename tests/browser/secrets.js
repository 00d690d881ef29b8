#!/usr/bin/env node
// Secrets that a person types or is shown in the page are in no log, no address, no process list, no storage of the browser, no
// row of the database and in no page afterwards. Server and agent log at level debug.
import { expectAt } from './lib/expect.js';
import { test, TERMINAL } from './lib/test.js';
import { Catalog } from './pages/catalog.js';
import { Shell } from './pages/shell.js';
import { Viewer } from './pages/viewer.js';

const random = () => `canary-${crypto.randomUUID()}`;

async function changePassword(page, secrets) {
	await new Shell(page).go('Account');
	await page.getByLabel('Present password', { exact: true }).fill(secrets['password']);
	await page.getByLabel('New password', { exact: true }).fill(secrets['changed password']);
	await page.getByLabel('New password again', { exact: true }).fill(secrets['changed password']);
	await page.getByRole('button', { name: 'Change password' }).click();
	await page.getByText(/The password is changed/).waitFor();
}

async function makeKey(page, secrets) {
	await new Shell(page).go('API keys');
	await page.getByRole('button', { name: 'New API key' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Name', { exact: true }).fill('script');
	await dialog.getByRole('button', { name: 'Create' }).click();
	secrets['API key'] = await page.getByRole('textbox', { name: 'Secret' }).inputValue();
	await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
}

async function exercise(t, stage, ours, secrets) {
	const { page, context } = ours;
	const shell = new Shell(page);
	await shell.setPassword(secrets['one-time token'], secrets['password']);
	await page.goto('/login');
	await shell.fillLogIn({ name: 'ada', password: secrets['wrong password'] });
	await page.getByRole('alert').waitFor();
	t.ok(true, 'a wrong password is refused');
	await shell.fillLogIn({ name: 'ada', password: secrets['password'] });
	await expectAt(page, 'My sessions');
	const cookie = (await context.cookies()).find((item) => /streamspace/.test(item.name));
	secrets['cookie'] = cookie.value;
	t.eq([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/'], 'the cookie of the log-in is out of reach of scripts and of other sites');
	await changePassword(page, secrets);
	await makeKey(page, secrets);
	page.on('response', async (answer) => {
		if (answer.url().endsWith('/viewer-tickets')) {
			secrets['viewer ticket'] = (await answer.json()).ticket;
		}
	});
	await shell.go('Catalog');
	const list = new Catalog(page);
	await list.choose('Terminal');
	const viewer = new Viewer(page, await list.start());
	await viewer.ready();
	await viewer.prove(stage);
	return viewer;
}

async function inTheBrowser(t, ours, secrets) {
	const stored = await ours.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state]));
	const pages = [];
	for (const place of ['/', '/account', '/api-keys', '/homes']) {
		await ours.page.goto(place);
		await ours.page.getByRole('heading', { level: 1 }).waitFor();
		pages.push(await ours.page.content());
	}
	for (const [name, value] of Object.entries(secrets)) {
		t.ok(!stored.includes(value), `${name}: not kept in the browser where scripts reach it`);
		t.ok(!pages.some((text) => text.includes(value)), `${name}: in no page`);
		// The viewer's ticket is made for the address of its WebSocket: it opens once, within 30 s. The link's token stands behind #.
		const urls = ours.watch.urls.filter((url) => !(name === 'viewer ticket' && url.includes('/api/v1/vnc/')) && !(name === 'one-time token' && url.includes('#token=')));
		t.ok(!urls.some((url) => url.includes(value)), `${name}: in no address`);
	}
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	await stage.startAgent('agent-1', { options: ['--log-level', 'debug'] });
	const secrets = { 'password': random(), 'changed password': random(), 'wrong password': random(), 'one-time token': await stage.invite('ada') };
	await stage.call('watch_argv', { secrets });
	const ours = await visit();
	await exercise(t, stage, ours, secrets);
	await stage.call('watch_argv', { secrets });
	await inTheBrowser(t, ours, secrets);

	const { found, rounds } = await stage.call('watched');
	t.ok(rounds > 10, `the process list was looked at ${rounds} times`);
	t.eq(found, [], 'no secret in the process list');
	const logs = Object.entries(await stage.call('logs'));
	t.ok(logs.some(([name]) => name.includes('server')) && logs.some(([name]) => name.includes('agent-1')), `${logs.length} logs were read`);
	const dump = await stage.call('dump');
	t.ok(dump.includes('ada') && secrets['viewer ticket'] && secrets['API key'], 'the dump of the database has what it should, and every secret was seen');
	for (const [name, value] of Object.entries(secrets)) {
		t.eq(logs.filter(([, text]) => text.includes(value)).map(([file]) => file), [], `${name}: in no log`);
		t.ok(!dump.includes(value), `${name}: in no row`);
	}
}, { options: ['--log-level', 'debug'], agent: false });
