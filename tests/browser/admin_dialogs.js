#!/usr/bin/env node
// Before something changes, the page says what would: dialogs of administrators, what they refuse and how they say it, each looked at
// by axe-core while it is open; and what each row of a bulk action came to.
import { axe } from './lib/axe.js';
import { expectAt } from './lib/expect.js';
import { TERMINAL, test } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Shell } from './pages/shell.js';

const ONE = { exact: true };

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	const { page } = await visit();
	const shell = new Shell(page);
	await shell.logIn(stage.administrator);
	const dialog = (name) => page.getByRole('dialog', { name });
	const button = (name, where = page) => where.getByRole('button', { name, ...ONE });
	const row = (name) => page.getByRole('row', { name });
	const clean = async (what) => t.eq(await axe(page), [], `${what}: axe-core finds nothing`);

	// A user, with the link by which he sets a password.
	await shell.go('Users');
	await button('New user').click();
	await page.getByRole('textbox', { name: 'User name' }).last().fill('Ada');
	await button('Create').click();
	await page.getByText('User name: lower-case letters').waitFor();
	t.ok(true, 'a name that is not allowed is refused at its field');
	await dialog('New user').getByRole('textbox', { name: 'User name' }).fill('ada');
	await clean('New user');
	await button('Create').click();
	const link = await dialog('Link for ada').getByRole('textbox', { name: 'Link' }).inputValue();
	t.ok(/\/set-password#token=[0-9a-f]{64}$/.test(link), 'the link is shown');
	await button('Done').click();
	const password = `pass-${crypto.randomUUID()}`;
	const guest = await visit();
	await new Shell(guest.page).setPassword(link.split('token=')[1], password);
	await new Shell(guest.page).logIn({ name: 'ada', password });
	await expectAt(guest.page, 'My sessions');
	t.eq(await guest.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Users', ...ONE }).count(), 0, 'a user has no menu of administrators');
	await guest.page.goto('/admin/users');
	await guest.page.getByRole('heading', { name: 'Not for you' }).waitFor();
	t.ok(true, 'nor their pages');

	// An agent: a wrong prefix is refused, the right one lets it in.
	await stage.startAgent('rack-7', { approve: false });
	const { key_prefix: prefix } = await stage.call('wait_registered', { agent: 'rack-7' });
	await shell.go('Agents');
	await page.getByText('1 agent waits for approval.').waitFor();
	await button('Approve rack-7').click();
	await page.getByRole('textbox', { name: 'Key prefix' }).fill(prefix === '00000000' ? '11111111' : '00000000');
	await clean('Approve');
	await button('Approve', dialog('Approve rack-7')).click();
	await dialog('Approve rack-7').getByText('key_mismatch').waitFor();
	t.ok(true, 'a key that is another one is refused, with its code');
	await page.getByRole('textbox', { name: 'Key prefix' }).fill(prefix);
	await button('Approve', dialog('Approve rack-7')).click();
	await dialog('Approve rack-7').waitFor({ state: 'detached' });
	await waitFor('rack-7 to be online', async () => (await stage.adminRest.get('/agents/rack-7')).state === 'online');
	await page.getByRole('link', { name: 'rack-7' }).click();
	await expectAt(page, 'rack-7');
	await button('Drain').click();
	await dialog('Drain rack-7').getByText('It gets no new sessions.').waitFor();
	await button('Drain', dialog('Drain rack-7')).click();
	await button('End draining').waitFor();
	t.eq((await stage.adminRest.get('/agents/rack-7')).draining, true, 'it is drained');

	// A limit below what is used says so before it is set.
	const ada = stage.adminRest;
	const sessions = [];
	for (let number = 1; number <= 3; number++) {
		const { id } = await ada.post('/sessions', { template: 'terminal', owner: 'ada', name: `Number ${number}` });
		sessions.push(id);
	}
	await page.goto('/admin/users/ada');
	await button('Change limits').click();
	await page.getByRole('textbox', { name: 'Sessions', ...ONE }).fill('1');
	await button('Preview').click();
	await page.getByText('3 are in use: nothing ends').waitFor();
	await clean('Change limits');
	await button('Apply').click();
	await page.getByText('3 of 1', ONE).first().waitFor();
	t.eq((await ada.get('/users/ada/quota')).limits.sessions, 1, 'the limit is set');

	// A template: what would change is shown line by line, and saved as it was shown.
	await page.goto('/admin/templates/terminal');
	await button('Edit').click();
	const area = page.getByRole('textbox', { name: 'Spec, as JSON' });
	const spec = JSON.parse(await area.inputValue());
	await area.fill('{"displayName": "Terminal",}');
	await button('Preview').click();
	await page.getByRole('alert').getByText('invalid_json').waitFor();
	await area.fill(JSON.stringify({ ...spec, resolution: 'wide' }));
	await button('Preview').click();
	await page.getByRole('alert').getByText('invalid_argument').waitFor();
	t.ok(true, 'what the database refuses is shown with its code');
	await area.fill(JSON.stringify({ ...spec, displayName: 'Shell' }));
	await button('Preview').click();
	await page.getByText('What revision 2 would change').waitFor();
	const lines = await page.locator('.diff-line.new, .diff-line.gone').allInnerTexts();
	t.eq(lines.map((line) => line.replace(/\s+/g, ' ').trim()), ['- goes: "displayName": "Terminal"', '+ comes: "displayName": "Shell"'], 'the difference, and nothing else');
	await clean('the preview of a template');
	await button('Save').click();
	await page.getByRole('heading', { level: 1, name: 'Shell' }).waitFor();
	t.eq((await ada.get('/templates/terminal')).revision, 2, 'it is saved as a new revision');

	// Many sessions: one that has ended refuses, and says so in its row.
	for (const session of sessions) {
		await ada.waitState(session, 'running');
	}
	await ada.del(`/sessions/${sessions[0]}`);
	await ada.waitState(sessions[0], 'terminated');
	await shell.go('All sessions');
	for (const session of sessions) {
		await page.getByRole('checkbox', { name: `Select ${session}` }).check();
	}
	await button('Hibernate').click();
	await dialog('Hibernate').getByText('2 sessions would hibernate; 1 session would refuse.').waitFor();
	await clean('a bulk action');
	await button('Hibernate', dialog('Hibernate')).click();
	await dialog('Hibernate: done').getByText('2 sessions changed, 1 session refused.').waitFor();
	t.ok(await dialog('Hibernate: done').getByRole('row', { name: sessions[0] }).getByText('invalid_transition').isVisible(), 'each row tells its result');
	await button('Close', dialog('Hibernate: done').locator('.dialog-actions')).click();
	await ada.waitState(sessions[1], 'hibernated');

	// What is stuck: why, what each agent lacks, and the end of it.
	await stage.template('nowhere', { displayName: 'Nowhere', platforms: ['docker'], baseImage: 'registry.test/n:1' });
	await ada.call('PUT', '/users/ada/quota', { sessions: 10 });
	const { id: waiting } = await ada.post('/sessions', { template: 'nowhere', owner: 'ada', name: 'In vain' });
	await shell.go('Stuck');
	await row('In vain').getByText('waits for an agent').waitFor();
	await button('Explain: In vain').click();
	await dialog('Why In vain waits').getByRole('row', { name: 'agent-1' }).getByText('another platform').waitFor();
	await clean('the explanation of a placement');
	await button('Close', dialog('Why In vain waits').locator('.dialog-actions')).click();
	await button('Actions of In vain').click();
	await page.getByRole('menuitem', { name: 'Terminate', ...ONE }).click();
	await button('Terminate', dialog('Terminate: In vain')).click();
	await page.getByRole('heading', { name: 'Nothing is stuck' }).waitFor();
	await ada.waitState(waiting, 'terminated');
	t.ok(true, 'nothing is stuck any more');

	// Placement as a question.
	await shell.go('Placement');
	await page.getByRole('textbox', { name: 'Template' }).fill('terminal');
	await page.getByRole('textbox', { name: 'Owner' }).fill('ada');
	await button('Explain').click();
	await row('rack-7').getByText('draining').waitFor();
	t.ok(await row('agent-1').getByText('chosen').isVisible(), 'where it would go, and why not elsewhere');

	// A password that is reset, a user who is deactivated.
	await page.goto('/admin/users/ada');
	await button('Deactivate').click();
	await button('Deactivate', dialog('Deactivate ada')).click();
	await button('Reactivate').waitFor();
	t.eq((await ada.get('/users/ada')).active, false, 'the user is deactivated');

	// The audit: filtered, and verified.
	await page.goto('/admin/audit?function=update_user');
	await row('update_user').first().waitFor();
	t.eq(await page.getByRole('table', { name: 'Audit' }).getByText('create_user').count(), 0, 'the audit is filtered');
	await page.getByRole('button', { name: /^Details of update_user/ }).first().click();
	await dialog('update_user').getByText('"active": false').waitFor();
	await clean('a row of the audit');
	await button('Close', dialog('update_user').locator('.dialog-actions')).click();
	await page.getByRole('tab', { name: 'Verify' }).click();
	await button('Verify').click();
	await page.getByText('Nothing was found').waitFor();
	t.ok(true, 'the audit is verified');

	// Settings and policies, after a look at what would change.
	await shell.go('Settings');
	await button('Change: Logging in').click();
	await page.getByRole('textbox', { name: 'Log-in ends when unused for' }).fill('soon');
	await button('Preview').click();
	await page.getByText('write it as 90s').waitFor();
	await page.getByRole('textbox', { name: 'Log-in ends when unused for' }).fill('4h');
	await button('Preview').click();
	await page.getByRole('table', { name: 'What would change' }).getByText('4h').waitFor();
	await button('Apply').click();
	await waitFor('the setting', async () => (await ada.get('/settings')).login_idle_seconds === 14400);
	await shell.go('Policies');
	await button('Change policy').first().click();
	await page.getByRole('textbox', { name: 'Hibernate when idle for' }).fill('30m');
	await button('Preview').click();
	await button('Apply').click();
	await page.getByText('30m').first().waitFor();
	t.eq((await ada.get('/orgs/default/policy')).idle_seconds, 1800, 'the policy is set');
});
