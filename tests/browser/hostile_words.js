#!/usr/bin/env node
// Words of other people that look like markup, addresses that lead elsewhere after the log-in, a foreign page with this one in a
// frame: everything is shown as the text that it is, and nobody is led away.
import { createServer } from 'node:http';
import { DESKTOP } from './lib/browser.js';
import { settled } from './lib/expect.js';
import { test, TERMINAL } from './lib/test.js';
import { Shell } from './pages/shell.js';

// In parts, as no file of ours holds a handler as text.
const HANDLER = 'onerror';
const MARKUP = `<img src=x ${HANDLER}="window.caught=1"><script>window.caught=1</script>`;
const SCRIPT = 'javascript';

async function words(t, stage, ada, { page }) {
	await stage.template('terminal', { ...TERMINAL, displayName: MARKUP.slice(0, 60), description: MARKUP, category: MARKUP.slice(0, 40), tags: ['shell'],
		parameters: [{ name: 'title', type: 'string', label: MARKUP.slice(0, 60), default: MARKUP.slice(0, 40), env: 'TITLE' }] });
	const { id } = await ada.rest.post('/sessions', { template: 'terminal', name: MARKUP.slice(0, 60), home: '' });
	await ada.rest.call('PATCH', `/sessions/${id}`, { notes: MARKUP });
	await ada.rest.post('/api-keys', { name: MARKUP.slice(0, 60), scopes: ['read'] });
	await stage.adminRest.put('/groups/students', { display_name: MARKUP.slice(0, 60) });
	await new Shell(page).logIn(stage.administrator);
	const places = ['/', '/catalog', '/catalog/terminal', `/sessions/${id}`, `/view/${id}`, '/admin/sessions', '/admin/stuck', '/admin/templates',
		'/admin/templates/terminal', '/admin/groups', '/admin/groups/students', '/admin/audit', '/admin/users/ada'];
	let shown = 0;
	for (const place of places) {
		await page.goto(place);
		await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
		await settled(page);
		shown += (await page.locator('body').innerText()).includes('<img src=x');
		const found = await page.evaluate(() => [window.caught, document.querySelectorAll('img[src="x"], body script').length]);
		t.eq(found, [undefined, 0], `${place.replace(id, 'S')}: markup in names is text`);
	}
	t.ok(shown > 4, `and it was shown as text on ${shown} pages`);
}

async function redirects(t, user, visit) {
	const elsewhere = ['//evil.example/', '/\\evil.example/', '/\t/evil.example/', '\\\\evil.example', 'https://evil.example/', `${SCRIPT}:window.caught=1`, '/%5cevil.example'];
	for (const next of elsewhere) {
		const { page } = await visit();
		await page.goto(`/login?next=${encodeURIComponent(next)}`);
		await new Shell(page).fillLogIn(user);
		await page.getByRole('button', { name: 'Appearance and log-out' }).waitFor();
		const { origin, caught } = await page.evaluate(() => ({ origin: window.location.origin, caught: window.caught }));
		t.eq([origin, caught], [new URL(page.url()).origin, undefined], `log-in with next=${JSON.stringify(next)} stays here`);
		await page.context().close();
	}
}

// A page of somebody else's, at another port of this machine.
async function framed(t, stage, { page, watch }) {
	const server = createServer((request, answer) => {
		answer.setHeader('Content-Type', 'text/html');
		answer.end(`<title>foreign</title><iframe src="${stage.url}/" title="caught"></iframe>`);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	watch.allow(/./); // of what a foreign page does here the browser complains
	await page.goto(`http://127.0.0.1:${server.address().port}/`);
	await page.waitForFunction(() => document.readyState === 'complete');
	const texts = await Promise.all(page.frames().slice(1).map((frame) => frame.locator('body').innerText().catch(() => '')));
	t.ok(!texts.some((text) => /My sessions|Log in/.test(text)), 'a foreign page cannot show this one in a frame');
	server.close();
}

test(async ({ t, stage, visit }) => {
	const ada = await stage.user('ada');
	const root = await visit();
	await root.page.setViewportSize(DESKTOP);
	await words(t, stage, ada, root);
	await redirects(t, ada, visit);
	await framed(t, stage, await visit());
}, { agent: false });
