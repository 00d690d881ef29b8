#!/usr/bin/env node
// Templates, groups, organisations and keys, changed by an administrator in the page: revisions compared and brought back, access kept for a
// group, copies published, a template made and deleted, members, a key ended.
import { axe } from './lib/axe.js';
import { expectAt } from './lib/expect.js';
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Shell } from './pages/shell.js';

const ONE = { exact: true };

class Hand {
	constructor(page) {
		this.page = page;
		this.dialog = page.getByRole('dialog');
	}

	async open(address, heading) {
		await this.page.goto(address);
		await expectAt(this.page, heading);
	}

	async press(name, where = this.page) {
		await where.getByRole('button', { name, ...ONE }).first().click();
	}

	// A change by form, preview and Apply.
	async change(values) {
		for (const [label, value] of Object.entries(values)) {
			await this.dialog.getByRole('textbox', { name: label }).fill(value);
		}
		await this.apply();
	}

	async apply() {
		await this.press('Preview', this.dialog);
		await this.dialog.getByRole('table', { name: 'What would change' }).waitFor();
		await this.press('Apply', this.dialog);
		await this.dialog.waitFor({ state: 'detached' });
	}
}

async function templates(t, hand, rest) {
	const { page } = hand;
	await hand.open('/admin/templates/terminal?tab=revisions', 'Terminal');
	await hand.press('Compare revision 1');
	await hand.dialog.getByText('What it takes to get from the newest revision').waitFor();
	t.eq(await axe(page), [], 'a comparison: axe-core finds nothing');
	await hand.press('Make this the newest again', hand.dialog);
	await hand.dialog.waitFor({ state: 'detached' });
	const back = await rest.get('/templates/terminal');
	t.eq([back.revision, back.spec.description], [3, 'A shell in an xterm'], 'an old revision is the newest again, under a new number');

	await hand.open('/admin/templates/terminal?tab=access', 'Terminal');
	await hand.press('Change');
	await hand.dialog.getByRole('combobox', { name: 'Shown to' }).selectOption('groups');
	await hand.change({ Groups: 'students' });
	await page.getByRole('link', { name: 'students' }).waitFor();
	t.eq((await rest.get('/templates/terminal/access')).groups, ['students'], 'it is kept for a group');
	await hand.press('Change');
	await hand.dialog.getByRole('combobox', { name: 'Shown to' }).selectOption('all');
	await hand.apply();
	t.eq((await rest.get('/templates/terminal/access')).groups, null, 'and shown to everybody again');
	await hand.press('Publish');
	await hand.change({ Organisations: 'acme' });
	await page.getByText('Copies in acme').waitFor();
	const copy = await rest.get('/templates/terminal?org=acme');
	t.eq([copy.org, copy.managed], ['acme', true], 'another organisation has a copy');
	await hand.open('/admin/templates/terminal?org=acme', 'Terminal');
	await page.getByText('The platform keeps this copy up to date').waitFor();
	t.eq(await page.getByRole('button', { name: 'Edit' }).count(), 0, 'that cannot be edited there');

	await hand.open('/admin/new-template?org=default', 'New template');
	await page.getByRole('textbox', { name: 'Template name' }).fill('editor');
	await hand.press('Preview');
	await page.getByText('What would be made').waitFor();
	t.eq(await axe(page), [], 'a new template: axe-core finds nothing');
	await hand.press('Save');
	await expectAt(page, 'Terminal');
	t.eq((await rest.get('/templates/editor')).revision, 1, 'a template is made');
	await hand.press('Delete');
	await page.getByRole('textbox', { name: 'Type editor to go on' }).fill('editor');
	await hand.press('Delete', hand.dialog);
	await expectAt(page, 'Templates');
	t.eq((await rest.get('/templates')).items.map(({ name }) => name), ['terminal'], 'and deleted, after its name was typed');
}

async function groups(t, hand, rest) {
	const { page } = hand;
	await hand.open('/admin/groups', 'Groups');
	await hand.press('New group');
	await hand.dialog.getByRole('textbox', { name: 'Group name' }).fill('staff');
	await hand.press('Create', hand.dialog);
	await expectAt(page, 'staff');
	await page.getByRole('textbox', { name: 'User name' }).fill('nobody');
	await hand.press('Add');
	await page.getByRole('alert').getByText('user_not_found').waitFor();
	await page.getByRole('textbox', { name: 'User name' }).fill('ada');
	await hand.press('Add');
	await page.getByRole('button', { name: 'Take out ada' }).waitFor();
	t.eq((await rest.get('/groups/staff/members')).items.map(({ user }) => user), ['ada'], 'a member is added; who is not there is refused');
	await hand.press('Change limits');
	await hand.change({ Memory: '4096' });
	t.eq((await rest.get('/groups/staff/quota')).limits.memory_mib, 4096, 'the group has a limit');
	await hand.press('Change policy');
	await hand.change({ 'Longest run': '1h30m' });
	t.eq((await rest.get('/groups/staff/policy')).max_seconds, 5400, 'and a policy');
	await hand.press('Take out ada');
	await hand.press('Take out', hand.dialog);
	await page.getByText('Nobody is in it.').waitFor();
	await hand.press('Delete');
	await hand.dialog.getByRole('alert').getByText('group_in_use').waitFor();
	t.ok(await hand.dialog.getByRole('button', { name: 'Delete' }).isDisabled(), 'a group with a policy is not deleted, and the page says why before one tries');
	await hand.press('Cancel', hand.dialog);
	await hand.press('Change policy');
	await hand.change({ 'Longest run': '' });
	await hand.press('Delete');
	await hand.press('Delete', hand.dialog);
	await expectAt(page, 'Groups');
	t.eq((await rest.get('/groups')).items.map(({ name }) => name), ['students'], 'the group is deleted');
}

async function others(t, hand, rest) {
	const { page } = hand;
	await hand.open('/admin/orgs', 'Organisations');
	await hand.press('New organisation');
	await hand.dialog.getByRole('textbox', { name: 'Organisation name' }).fill('globex');
	await hand.dialog.getByRole('textbox', { name: 'Sessions at most' }).fill('7');
	await hand.press('Create', hand.dialog);
	await page.getByRole('link', { name: 'globex' }).waitFor();
	await hand.press('Change globex');
	await hand.change({ 'Sessions at most': '9' });
	await waitFor('the limit', async () => (await rest.get('/orgs/globex')).limits.max_sessions === 9);
	t.ok(true, 'an organisation is made and changed');

	await hand.open('/admin/users/ada', 'ada');
	await page.getByRole('button', { name: 'End backup script' }).click();
	await hand.press('End', hand.dialog);
	await page.getByText('There are none.').waitFor();
	t.eq((await rest.get('/api-keys?user=ada')).items, [], 'a key is ended');
	await hand.press('Reset password');
	await hand.press('Make the link', hand.dialog);
	t.like(await page.getByRole('textbox', { name: 'Link' }).inputValue(), /#token=[0-9a-f]{64}$/, 'a new link for a password');
	await hand.press('Done', hand.dialog);
	await hand.press('Change');
	await hand.dialog.getByRole('combobox', { name: 'Role' }).selectOption('operator');
	await hand.apply();
	t.eq((await rest.get('/users/ada')).role, 'operator', 'another role');

	await hand.open('/admin/agents/agent-1', 'agent-1');
	await hand.press('Change');
	await hand.change({ Labels: 'disk=ssd\nroom=7', 'Sessions at most': '3' });
	const agent = await rest.get('/agents/agent-1');
	t.eq([agent.labels, agent.limits.max_sessions], [{ disk: 'ssd', room: '7' }, 3], 'labels and a bound of an agent');
}

test(async ({ t, stage, visit }) => {
	const rest = stage.adminRest;
	await stage.template('terminal', TERMINAL);
	await stage.template('terminal', { ...TERMINAL, description: 'For those who type' });
	await rest.put('/groups/students', { display_name: 'Students' });
	await rest.put('/orgs/acme', { display_name: 'Acme' });
	const ada = await stage.user('ada');
	await ada.rest.post('/api-keys', { name: 'backup script', scopes: ['read'] });
	const { page } = await visit();
	await new Shell(page).logIn(stage.administrator);
	const hand = new Hand(page);
	await templates(t, hand, rest);
	await groups(t, hand, rest);
	await others(t, hand, rest);
});
