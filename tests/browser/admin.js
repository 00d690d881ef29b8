#!/usr/bin/env node
// An administrator's day in the page: an agent is approved and drained, a user made, limited and deactivated, a template edited after
// a look at what that changes, sessions acted on together, a placement explained, what is stuck found, the audit log read and verified.
import { expectAt } from './lib/expect.js';
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Admin } from './pages/admin.js';
import { Catalog } from './pages/catalog.js';
import { Shell } from './pages/shell.js';

async function agents(t, stage, admin) {
	await stage.startAgent('agent-2', { approve: false });
	const { key_prefix: prefix } = await stage.call('wait_registered', { agent: 'agent-2' });
	await admin.open('Agents');
	await admin.page.getByText('1 agent waits for approval').waitFor();
	await admin.page.getByRole('button', { name: 'Approve agent-2' }).click();
	const dialog = admin.dialog();
	await dialog.getByLabel('Key prefix').fill('00000000');
	await dialog.getByRole('button', { name: 'Approve' }).click();
	await dialog.getByRole('alert').getByText('The key is not the one that is recorded').waitFor();
	t.ok(true, 'another prefix than the one of the agent is refused');
	await dialog.getByLabel('Key prefix').fill(prefix);
	await dialog.getByRole('button', { name: 'Approve' }).click();
	await dialog.waitFor({ state: 'detached' });
	await waitFor('the agent to be online', async () => {
		await admin.page.getByRole('button', { name: 'Refresh' }).click();
		return admin.row('agent-2').getByText('online').first().isVisible();
	}, { every: 300 });
	t.ok(true, 'approved with the prefix that it printed, it connects');
	await admin.choose('Actions of agent-2', 'Drain');
	await admin.confirm('Drain');
	await admin.row('agent-2').getByText('draining').waitFor();
	t.ok(true, 'it is drained');
	await stage.call('stop_agent', { agent: 'agent-2' });
}

async function users(t, stage, admin, visit) {
	await admin.open('Users');
	await admin.page.getByRole('button', { name: 'New user' }).click();
	await admin.dialog().getByLabel('User name').fill('bea');
	await admin.dialog().getByRole('button', { name: 'Create' }).click();
	const link = await admin.page.getByRole('textbox', { name: 'Link' }).inputValue();
	await admin.dialog().getByRole('button', { name: 'Done' }).click();
	await admin.row('bea').getByText('no password yet').waitFor();
	const bea = await visit();
	await new Shell(bea.page).setPassword(new URL(link).hash.replace('#token=', ''), 'bea has a password');
	await new Shell(bea.page).logIn({ name: 'bea', password: 'bea has a password' });
	await expectAt(bea.page, 'My sessions');
	t.ok(true, 'a user is made, and gets in by the link that the page shows once');
	return bea;
}

async function limits(t, admin, bea) {
	await admin.at('/admin/users/bea');
	await admin.page.getByRole('button', { name: 'Change limits' }).click();
	await admin.dialog().getByLabel('Sessions').fill('0');
	await admin.dialog().getByRole('button', { name: 'Preview' }).click();
	await admin.dialog().getByRole('row', { name: /^Sessions/ }).waitFor();
	await admin.dialog().getByRole('button', { name: 'Apply' }).click();
	await admin.dialog().waitFor({ state: 'detached' });
	const catalog = new Catalog(bea.page);
	await catalog.open();
	await catalog.choose('Terminal');
	await catalog.submit.click();
	const alert = bea.page.getByRole('alert');
	await alert.waitFor();
	t.like(await alert.innerText(), /Code quota_exceeded/, 'who may have no session is told so, with the code');
	t.like(await alert.innerText(), /request [0-9a-f]+/, 'and the request by which the log has it');
}

async function templates(t, stage, admin) {
	await admin.at('/admin/templates/terminal');
	await admin.page.getByRole('button', { name: 'Edit' }).click();
	const text = admin.page.getByLabel('Spec, as JSON');
	await text.fill('{"displayName": }');
	await admin.page.getByRole('button', { name: 'Preview' }).click();
	await admin.page.getByRole('alert').getByText('invalid_json').waitFor();
	t.ok(true, 'what is no JSON is told from the page itself');
	await text.fill(JSON.stringify({ ...TERMINAL, description: 'For those who type' }));
	await admin.page.getByRole('button', { name: 'Preview' }).click();
	await admin.page.getByText('What revision 2 would change').waitFor();
	const now = await stage.adminRest.get('/templates/terminal');
	t.eq(now.revision, 1, 'the preview says what would change, and changes nothing');
	await admin.page.getByRole('button', { name: 'Save' }).click();
	await admin.page.getByText('revision 2', { exact: true }).waitFor();
	t.eq((await stage.adminRest.get('/templates/terminal')).spec.description, 'For those who type', 'saved');
}

async function together(t, stage, admin, ada) {
	const ids = [await ada.rest.start('terminal'), await ada.rest.start('terminal', { home: '' })];
	await admin.open('All sessions');
	for (const id of ids) {
		await admin.page.getByRole('checkbox', { name: `Select ${id}` }).check();
	}
	await admin.page.getByText('2 selected').waitFor();
	await admin.page.getByRole('group', { name: 'Actions for the selected sessions' }).getByRole('button', { name: 'Hibernate' }).click();
	await admin.dialog().getByText(/2 sessions would hibernate/).waitFor();
	await admin.dialog().getByRole('button', { name: 'Hibernate' }).click();
	await admin.dialog().getByText(/2 sessions changed/).waitFor();
	await admin.dialog().getByRole('button', { name: 'Close' }).last().click();
	for (const id of ids) {
		await ada.rest.waitState(id, 'hibernated');
		await admin.row(id).or(admin.page.locator(`tr:has(a[href="/sessions/${id}"])`)).getByText(/hibernated/i).first().waitFor();
	}
	t.ok(true, 'two sessions are hibernated together, after a look at what that does; the list follows');
}

async function explained(t, stage, admin, ada) {
	await stage.call('stop_agent', { agent: 'agent-1' });
	const { id } = await ada.rest.post('/sessions', { template: 'terminal', home: '' });
	await admin.open('Placement');
	await admin.page.getByLabel('Template').fill('terminal');
	await admin.page.getByRole('button', { name: 'Explain' }).click();
	await admin.page.getByRole('main').getByText('agent-1').first().waitFor();
	t.ok(true, 'a placement is explained, agent by agent');
	await admin.open('Stuck');
	await admin.page.locator(`tr:has(a[href="/sessions/${id}"])`).waitFor();
	t.ok(true, 'a session that waits for an agent is among what is stuck');
}

async function audit(t, admin) {
	await admin.open('Audit');
	await admin.page.getByLabel('What', { exact: true }).fill('create_user');
	await admin.page.keyboard.press('Enter');
	const what = () => admin.page.getByRole('table', { name: 'Audit' }).getByRole('row').evaluateAll((rows) => rows.slice(1).map((row) => row.querySelector('code')?.textContent));
	await waitFor('the filtered rows', async () => {
		const found = await what();
		return found.length > 0 && found.every((name) => name === 'create_user');
	});
	t.ok(true, 'the audit log is filtered by what was done');
	await admin.page.getByRole('tab', { name: 'Verify' }).click();
	await admin.page.getByRole('button', { name: 'Verify' }).click();
	await admin.page.getByText('Nothing was found').waitFor();
	t.ok(true, 'and found to be as it was sealed');
}

async function deactivated(t, admin, bea) {
	await admin.at('/admin/users/bea');
	await admin.page.getByRole('button', { name: 'Deactivate' }).click();
	await admin.confirm('Deactivate');
	await admin.page.getByText('deactivated', { exact: true }).waitFor();
	await bea.page.goto('/');
	await expectAt(bea.page, 'Log in');
	t.ok(true, 'a user who is deactivated is out at once');
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	const ada = await stage.user('ada');
	const visitor = await visit();
	await new Shell(visitor.page).logIn(stage.administrator);
	const admin = new Admin(visitor.page);
	await agents(t, stage, admin);
	const bea = await users(t, stage, admin, visit);
	bea.watch.allow(/^WebSocket connection to .* failed/);
	await limits(t, admin, bea);
	await bea.page.goto('/admin/users');
	await expectAt(bea.page, 'Not for you');
	t.ok(true, 'the pages of administrators are not for users');
	await templates(t, stage, admin);
	await together(t, stage, admin, ada);
	await explained(t, stage, admin, ada);
	await audit(t, admin);
	await deactivated(t, admin, bea);
});
