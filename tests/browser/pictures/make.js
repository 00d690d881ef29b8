#!/usr/bin/env node
// The pictures of docs/user-guide.md and docs/admin-guide.md, taken from real pages with something on them: docs/pictures/*.png.
// STREAMSPACE_PICTURES=REGEX makes some of them only.
import { mkdirSync } from 'node:fs';
import { DESKTOP } from '../lib/browser.js';
import { settled } from '../lib/expect.js';
import { ROOT } from '../lib/modules.js';
import { test } from '../lib/test.js';
import { waitFor } from '../lib/wait.js';
import { furnish } from '../lib/world.js';
import { Catalog } from '../pages/catalog.js';
import { Sessions } from '../pages/sessions.js';
import { Shell } from '../pages/shell.js';
import { Viewer } from '../pages/viewer.js';

const FOLDER = `${ROOT}docs/pictures`;
const ONLY = new RegExp(process.env.STREAMSPACE_PICTURES || '');

async function shown(page, address) {
	await page.goto(address);
	await page.getByRole('heading', { level: 1 }).waitFor();
	await settled(page);
}

// Of the person who works with sessions.
const forUsers = ({ session }, ada, bob, nobody, phone) => ({
	'login': () => shown(nobody.page, '/login').then(() => nobody.page),
	'set-password': () => shown(nobody.page, `/set-password#token=${'5e'.repeat(32)}`).then(() => nobody.page),
	'catalog': () => shown(ada.page, '/catalog').then(() => ada.page),
	'catalog-dark': async () => {
		await ada.page.emulateMedia({ colorScheme: 'dark' });
		await shown(ada.page, '/catalog');
		return ada.page;
	},
	'start-form': async () => {
		await shown(ada.page, '/catalog/studio');
		await new Catalog(ada.page).field('Title').fill('Poster for the fair');
		return ada.page;
	},
	'sessions': () => shown(ada.page, '/').then(() => ada.page),
	'session': () => shown(ada.page, `/sessions/${session}`).then(() => ada.page),
	'share': async () => {
		await shown(ada.page, '/');
		await new Sessions(ada.page).act(session, 'Share');
		await ada.page.getByRole('dialog').getByText('May watch').waitFor();
		return ada.page;
	},
	'viewer': async () => {
		const viewer = new Viewer(ada.page, session);
		await viewer.open();
		await viewer.ready();
		await viewer.prove(ada.stage, 'measurements');
		return ada.page;
	},
	'viewer-view-only': async () => {
		const viewer = new Viewer(bob.page, session);
		await viewer.open();
		await viewer.ready();
		return bob.page;
	},
	'homes': () => shown(ada.page, '/homes').then(() => ada.page),
	'api-keys': () => shown(ada.page, '/api-keys').then(() => ada.page),
	'account': () => shown(ada.page, '/account').then(() => ada.page),
	'phone': () => shown(phone.page, '/').then(() => phone.page),
});

// Of the person who administers.
const forAdministrators = ({ session, ada }, { page, stage }) => ({
	'admin-agents': () => shown(page, '/admin/agents').then(() => page),
	'admin-agent': () => shown(page, '/admin/agents/agent-1').then(() => page),
	'admin-users': () => shown(page, '/admin/users').then(() => page),
	'admin-user': () => shown(page, '/admin/users/ada').then(() => page),
	'admin-groups': () => shown(page, '/admin/groups').then(() => page),
	'admin-quotas': () => shown(page, '/admin/quotas').then(() => page),
	'admin-policies': () => shown(page, '/admin/policies').then(() => page),
	'admin-template-edit': async () => {
		await page.setViewportSize({ width: DESKTOP.width, height: 1200 });
		await shown(page, '/admin/templates/studio');
		await page.getByRole('button', { name: 'Edit' }).click();
		const text = page.getByRole('textbox', { name: 'Spec, as JSON' });
		const spec = JSON.parse(await text.inputValue());
		await text.fill(JSON.stringify({ ...spec, description: 'Pictures, sketches and posters', resolution: '1600x900' }, null, 2));
		await page.getByRole('button', { name: 'Preview' }).click();
		await page.getByText('What revision 2 would change').scrollIntoViewIfNeeded();
		return page;
	},
	'admin-sessions': async () => {
		await shown(page, '/admin/sessions');
		for (const box of (await page.getByRole('checkbox', { name: /^Select s-/ }).all()).slice(0, 2)) {
			await box.check();
		}
		return page;
	},
	'admin-placement': () => shown(page, `/admin/placement?session=${session}`).then(() => page),
	'admin-audit': () => shown(page, '/admin/audit').then(() => page),
	'admin-stuck': async () => {
		await stage.template('plotter', { displayName: 'Plotter', platforms: ['docker'], baseImage: 'registry.test/plotter:1' });
		await ada.rest.post('/sessions', { template: 'plotter', name: 'Drawings for the fair' });
		await shown(page, '/admin/stuck');
		return page;
	},
});

test(async ({ t, stage, visit }) => {
	mkdirSync(FOLDER, { recursive: true });
	const world = await furnish(stage);
	const [nobody, ada, bob, admin, phone] = [await visit(), await visit(), await visit(), await visit(), await visit({ phone: true })];
	for (const [visitor, user] of [[ada, world.ada], [bob, world.bob], [admin, stage.administrator], [phone, world.ada]]) {
		await new Shell(visitor.page).logIn(user);
	}
	const wanted = { ...forUsers(world, ada, bob, nobody, phone), ...forAdministrators(world, admin) };
	for (const [name, take] of Object.entries(wanted).filter(([key]) => ONLY.test(key))) {
		const page = await take();
		await page.evaluate(() => document.activeElement?.blur());
		await waitFor('the pictures and fonts of the page', () => page.evaluate(() => document.fonts.ready.then(() => [...document.images].every((image) => image.complete))));
		await page.screenshot({ path: `${FOLDER}/${name}.png` });
		t.ok(true, `docs/pictures/${name}.png`);
		await page.emulateMedia({ colorScheme: 'light' });
		if (page !== phone.page) {
			await page.setViewportSize(DESKTOP);
		}
	}
});
