#!/usr/bin/env node
// The main path without a mouse: log-in, catalog, form, desktop, out of it again, hibernate, share, log-out. The focus can be
// seen at every step, follows to the next page, and is never caught.
import { expectAt } from './lib/expect.js';
import { focusIsVisible, tabTo } from './lib/keyboard.js';
import { test } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { STUDIO } from './lib/world.js';
import { Catalog } from './pages/catalog.js';
import { Sessions } from './pages/sessions.js';
import { Shell } from './pages/shell.js';
import { Viewer } from './pages/viewer.js';

// Goes there by Tab, sees the focus, and presses a key.
async function press(t, page, target, key, name) {
	await tabTo(page, target);
	t.ok(await focusIsVisible(page), `${name}: the focus can be seen`);
	await page.keyboard.press(key);
}

const hasFocus = (target) => waitFor(`the focus on ${target}`, () => target.evaluate((element) => element === document.activeElement));

const heading = (page) => page.evaluate(() => document.activeElement.tagName);

async function logIn(t, page, user) {
	await page.goto('/login');
	await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor();
	await tabTo(page, page.getByRole('textbox', { name: 'User name' }));
	await page.keyboard.type(user.name);
	await tabTo(page, page.getByLabel('Password', { exact: true }));
	await page.keyboard.type(user.password);
	await page.keyboard.press('Enter');
	await expectAt(page, 'My sessions');
	t.ok(true, 'logged in');
}

async function skip(t, page) {
	await page.goto('/');
	await expectAt(page, 'My sessions');
	await page.keyboard.press('Tab');
	t.eq(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page', 'the first Tab offers to skip the menu');
	t.ok(await page.evaluate(() => document.activeElement.getBoundingClientRect().left >= 0), 'where it can be seen');
	await page.keyboard.press('Enter');
	t.eq(await page.evaluate(() => document.activeElement.id), 'main', 'and does');
}

async function start(t, page) {
	const shell = new Shell(page);
	await page.goto('/');
	await expectAt(page, 'My sessions');
	await press(t, page, shell.navigation.getByRole('link', { name: 'Catalog' }), 'Enter', 'menu');
	await expectAt(page, 'Catalog');
	t.eq(await heading(page), 'H1', 'the focus follows to the heading of the next page');
	const list = new Catalog(page);
	await press(t, page, list.entry('Studio'), 'Enter', 'template');
	await expectAt(page, /Studio/);
	await tabTo(page, list.field('Title'));
	await page.keyboard.type('By keyboard');
	await press(t, page, list.field('Dark'), 'Space', 'check box');
	await press(t, page, list.submit, 'Enter', 'button');
	await page.waitForURL(/\/view\/s-/);
	return new URL(page.url()).pathname.split('/').pop();
}

async function desktop(t, stage, page, session) {
	const viewer = new Viewer(page, session);
	await viewer.ready();
	await waitFor('the focus to be on the remote screen', () => page.evaluate(() => !!document.activeElement.closest('[data-viewer-state]') && document.activeElement !== document.body));
	await waitFor('what is typed', async () => {
		await viewer.type('\necho "$STUDIO_TITLE" > ~/typed\n');
		return waitFor('the file', () => viewer.reads(stage, 'typed', 'By keyboard'), { timeout: 3000 }).catch(() => null);
	});
	t.ok(true, 'the remote screen has the focus by itself: what is typed arrives without a click');
	await viewer.type('cat -v > ~/tab\n');
	await page.keyboard.press('Tab');
	await viewer.type('x\n');
	await page.keyboard.press('Control+d');
	await waitFor('the Tab', async () => (await stage.homeFile(session, 'tab')) === '\tx\n');
	t.ok(true, 'Tab belongs to the desktop');
	await viewer.escape();
	await press(t, page, viewer.leave, 'Enter', 'bar of the viewer');
	await page.getByRole('heading', { level: 1 }).waitFor();
	t.ok(true, 'and there is a way out by keyboard');
}

async function act(t, page, session) {
	await page.goto('/');
	await expectAt(page, 'My sessions');
	const list = new Sessions(page);
	const more = list.card(session).getByRole('button', { name: /^More for/ });
	await press(t, page, more, 'Enter', 'menu button');
	await waitFor('the focus in the menu', () => page.evaluate(() => document.activeElement.getAttribute('role') === 'menuitem'));
	await page.keyboard.press('Escape');
	await hasFocus(more);
	t.ok(true, 'a menu takes the focus, and gives it back on Escape');
	await page.keyboard.press('Enter');
	const wanted = page.getByRole('menuitem', { name: 'Hibernate', exact: true });
	await tabTo(page, wanted, { key: 'ArrowDown', most: 12 });
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('dialog');
	await dialog.waitFor();
	await tabTo(page, dialog.getByRole('button', { name: 'Cancel' }), { most: 6 });
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	await hasFocus(more);
	t.ok(true, 'a dialog closes on Escape, and the focus is where it was');
	await page.keyboard.press('Enter');
	await tabTo(page, wanted, { key: 'ArrowDown', most: 12 });
	await page.keyboard.press('Enter');
	await tabTo(page, dialog.getByRole('button', { name: 'Hibernate' }), { most: 6 });
	await page.keyboard.press('Enter');
	await list.state(session, 'Hibernated');
	t.ok(true, 'hibernated by keyboard');
}

async function logOut(t, page) {
	const shell = new Shell(page);
	await press(t, page, shell.person, 'Enter', 'person');
	await tabTo(page, page.getByRole('menuitem', { name: 'Log out' }), { key: 'ArrowDown', most: 8 });
	await page.keyboard.press('Enter');
	await expectAt(page, 'Log in');
	t.ok(true, 'logged out');
}

test(async ({ t, stage, visit }) => {
	await stage.template('studio', STUDIO);
	const ada = await stage.user('ada');
	const { page } = await visit();
	await logIn(t, page, ada);
	await skip(t, page);
	const session = await start(t, page);
	await desktop(t, stage, page, session);
	await act(t, page, session);
	await logOut(t, page);
});
