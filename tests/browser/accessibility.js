#!/usr/bin/env node
// Every page, with something on it: axe-core finds nothing in light, in dark and at the width of a phone, and no page can be
// scrolled sideways there. STREAMSPACE_PLACES=REGEX looks at some of them only.
import { axe, tooWide } from './lib/axe.js';
import { DESKTOP, PHONE } from './lib/browser.js';
import { settled } from './lib/expect.js';
import { places } from './lib/places.js';
import { test } from './lib/test.js';
import { furnish } from './lib/world.js';
import { Shell } from './pages/shell.js';
import { Viewer } from './pages/viewer.js';

const ONLY = new RegExp(process.env.STREAMSPACE_PLACES || '');

// The entry of the menu for this page, when the menu has to be scrolled to see it.
const outOfSight = (page) => page.evaluate(() => [...document.querySelectorAll('nav [aria-current]')].filter((link) => {
	const [inner, outer] = [link, link.closest('nav')].map((element) => element.getBoundingClientRect());
	return inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
}).map((link) => link.textContent));

async function look(t, page, address, ids) {
	await page.setViewportSize(DESKTOP);
	await page.emulateMedia({ colorScheme: 'light' });
	await page.goto(address);
	if (address.startsWith('/view/')) {
		await new Viewer(page).ready();
	} else {
		await page.getByRole('heading', { level: 1 }).waitFor();
		await settled(page);
	}
	const name = ids.reduce((text, id) => text.replace(id, 'ID'), address);
	t.eq(await axe(page), [], `${name}: light`);
	await page.emulateMedia({ colorScheme: 'dark' });
	t.eq(await axe(page), [], `${name}: dark`);
	t.eq(await outOfSight(page), [], `${name}: where one is stands in sight in the menu`);
	await page.setViewportSize(PHONE);
	t.eq(await axe(page), [], `${name}: phone`);
	t.eq(await tooWide(page), [], `${name}: nothing to scroll sideways on a phone`);
}

test(async ({ t, stage, visit }) => {
	const world = await furnish(stage);
	const pages = {};
	for (const [who, user] of [['nobody', null], ['user', world.ada], ['admin', stage.administrator]]) {
		pages[who] = (await visit()).page;
		if (user) {
			await new Shell(pages[who]).logIn(user);
		}
	}
	for (const [address, who] of places(world).filter(([place]) => ONLY.test(place))) {
		await look(t, pages[who], address, [world.session, world.ended]);
	}
});
