#!/usr/bin/env node
// A new colleague's first minutes: the link of the administrator, a password, the catalog with search, a form with parameters,
// and a desktop that is typed into. What was typed is read on the host.
import { expectAt } from './lib/expect.js';
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Catalog } from './pages/catalog.js';
import { Shell } from './pages/shell.js';
import { Viewer } from './pages/viewer.js';

const PROMISED = 60; // seconds from the link to the first session; asserted at ten times that

const PASSWORD = 'a long enough password';

const EDITOR = {
	...TERMINAL,
	displayName: 'Studio',
	description: 'Pictures and sketches',
	tags: ['drawing'],
	parameters: [
		{ name: 'title', type: 'string', label: 'Title', required: true, minLength: 2, maxLength: 40, env: 'STUDIO_TITLE' },
		{ name: 'scale', type: 'integer', label: 'Scale', min: 1, max: 4, default: 2 },
		{ name: 'dark', type: 'boolean', label: 'Dark' },
		{ name: 'theme', type: 'enum', label: 'Theme', values: ['sea', 'sand'], default: 'sea' },
	],
};

async function catalog(t, page) {
	const list = new Catalog(page);
	await new Shell(page).go('Catalog');
	t.ok(await list.entry('Terminal').isVisible() && await list.entry('Studio').isVisible(), 'the catalog shows both templates');
	await list.search.fill('drawing');
	await list.entry('Terminal').waitFor({ state: 'detached' });
	t.ok(await list.entry('Studio').isVisible(), 'the search finds one by its tag');
	await list.choose('Studio');
	return list;
}

async function form(t, page, list) {
	await list.submit.click();
	await page.getByText(/Title: is required/).waitFor();
	t.ok(true, 'what is missing is said beside its field');
	t.eq(await page.evaluate(() => document.activeElement.closest('.field')?.textContent.startsWith('Title')), true, 'and the focus goes there');
	await list.field('Title').fill('Minutes of Monday');
	await list.field('Dark').check();
	await list.field('Theme').selectOption('sand');
	return list.start();
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	await stage.template('studio', EDITOR);
	const token = await stage.invite('ada');
	const began = Date.now();
	const { page, watch } = await visit();
	const shell = new Shell(page);
	await shell.setPassword(token, PASSWORD);
	t.ok(!watch.urls.some((url) => url.includes(token) && !url.includes('#')), 'the link of the administrator leads to a password; its token is in no request');
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Log in' }).click();
	await expectAt(page, 'My sessions');
	t.ok(true, 'and to the log-in, where the name stands already');
	t.ok(await new Catalog(page).entry('Terminal').isVisible(), 'a list without sessions shows what can be started');

	const list = await catalog(t, page);
	const session = await form(t, page, list);
	const viewer = new Viewer(page, session);
	await viewer.ready();
	const seconds = (Date.now() - began) / 1000;
	t.ok(seconds < PROMISED * 10, `the first desktop stands after ${seconds.toFixed(1)} s`);

	const nonce = await viewer.prove(stage);
	t.ok(true, `${nonce} was typed in the page and is in the home on the host`);
	await viewer.type('echo "$STUDIO_TITLE/$SCALE/$DARK/$THEME" > ~/parameters\n');
	await waitFor('the parameters', () => viewer.reads(stage, 'parameters', 'Minutes of Monday/2/true/sand'));
	t.ok(true, 'the desktop has what the form said');
});
