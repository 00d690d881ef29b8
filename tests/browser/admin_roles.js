#!/usr/bin/env node
// Each role sees the administrators' pages that it may, and on them only what the server would let it do: no page shows an error, and no
// button is there that would be refused. A platform administrator has them of any organisation.
import { settled } from './lib/expect.js';
import { test } from './lib/test.js';
import { furnish } from './lib/world.js';
import { Shell } from './pages/shell.js';

const ALL = ['All sessions', 'Stuck', 'Placement', 'Agents', 'Users', 'Groups', 'Quotas', 'Policies', 'Templates'];
const MENUS = {
	user: [],
	operator: ALL,
	auditor: [...ALL, 'Audit'],
	org_admin: [...ALL, 'Audit'],
	platform_admin: [...ALL, 'Organisations', 'Audit', 'Settings'],
};
// Buttons that change something, by page.
const DEEDS = {
	'/admin/sessions': { 'All that fit': ['operator', 'org_admin', 'platform_admin'] },
	'/admin/stuck': {},
	'/admin/placement': {},
	'/admin/agents': {},
	'/admin/agents/agent-1': { 'Drain': ['platform_admin'], 'Reject': ['platform_admin'], 'Change': ['platform_admin'] },
	'/admin/users': { 'New user': ['org_admin', 'platform_admin'] },
	'/admin/users/ada': { 'Reset password': ['org_admin', 'platform_admin'], 'Deactivate': ['org_admin', 'platform_admin'],
		'Change limits': ['org_admin', 'platform_admin'], 'Change policy': ['org_admin', 'platform_admin'], 'Add': ['org_admin', 'platform_admin'] },
	'/admin/groups': { 'New group': ['org_admin', 'platform_admin'] },
	'/admin/groups/students': { 'Delete': ['org_admin', 'platform_admin'], 'Change name': ['org_admin', 'platform_admin'] },
	'/admin/quotas': {},
	'/admin/policies': { 'Change policy': ['org_admin', 'platform_admin'] },
	'/admin/templates': {},
	'/admin/templates/studio': { 'Edit': ['org_admin', 'platform_admin'], 'Delete': ['org_admin', 'platform_admin'] },
};

async function open(page, address) {
	await page.goto(address);
	await page.getByRole('heading', { level: 1 }).waitFor();
	await settled(page);
}

async function menu(page) {
	const links = await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts();
	return links.filter((label) => !['My sessions', 'Catalog', 'Homes', 'API keys', 'Account'].includes(label));
}

async function walk(t, page, role, more = '') {
	for (const [address, deeds] of Object.entries(DEEDS)) {
		await open(page, address + more);
		t.eq(await page.getByRole('alert').allInnerTexts(), [], `${role}: ${address}${more} shows no error`);
		for (const [name, roles] of Object.entries(deeds)) {
			const there = await page.getByRole('button', { name, exact: true }).or(page.getByRole('link', { name, exact: true })).count() > 0;
			t.eq(there, roles.includes(role), `${role}: ${address} ${roles.includes(role) ? 'has' : 'does not have'} "${name}"`);
		}
	}
}

test(async ({ t, stage, visit }) => {
	const world = await furnish(stage);
	const people = { user: world.ada, platform_admin: stage.administrator };
	for (const [role, name] of [['operator', 'oscar'], ['auditor', 'agnes'], ['org_admin', 'olga']]) {
		people[role] = await stage.user(name, { role });
	}
	for (const [role, labels] of Object.entries(MENUS)) {
		const { page } = await visit();
		await new Shell(page).logIn(people[role]);
		t.eq((await menu(page)).sort(), [...labels].sort(), `${role}: the menu`);
		if (role === 'user') {
			await open(page, '/admin/users');
			t.ok(await page.getByRole('heading', { name: 'Not for you' }).isVisible(), 'a user is told that the page is for others');
			continue;
		}
		await walk(t, page, role);
	}

	// Another organisation: its users, and nothing of one's own among them.
	await stage.adminRest.put('/orgs/acme', { display_name: 'Acme' });
	await stage.user('wile', { org: 'acme' });
	const { page } = await visit();
	await new Shell(page).logIn(stage.administrator);
	await open(page, '/admin/users');
	await page.getByRole('combobox', { name: 'Organisation' }).selectOption('acme');
	await page.getByRole('link', { name: 'wile' }).waitFor();
	await settled(page);
	t.eq(await page.getByRole('link', { name: 'ada', exact: true }).count(), 0, 'the users of the chosen organisation only');
	await page.getByRole('link', { name: 'wile' }).click();
	await page.getByRole('heading', { level: 1, name: 'wile' }).waitFor();
	await settled(page);
	t.eq(await page.getByRole('alert').allInnerTexts(), [], 'a user of another organisation is shown whole');
	await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Quotas' }).click();
	await page.getByRole('heading', { name: 'Organisation acme' }).waitFor();
	await settled(page);
	t.eq(await page.getByRole('alert').allInnerTexts(), [], 'the choice holds from page to page');
	for (const address of ['/admin/sessions', '/admin/stuck', '/admin/groups', '/admin/policies', '/admin/templates', '/admin/audit', '/admin/audit?of=none', '/admin/audit?tab=verify']) {
		await open(page, `${address}${address.includes('?') ? '&' : '?'}org=acme`);
		t.eq(await page.getByRole('alert').allInnerTexts(), [], `${address} of another organisation shows no error`);
	}
});
