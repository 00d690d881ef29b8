#!/usr/bin/env node
// Lists of administrators with 100,000 rows in the database: read page by page as one scrolls, with a handful of rows in the document
// whatever the length, in the order of the list. All sessions are read to the last one, the others for some pages.
import { settled } from './lib/expect.js';
import { test } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Shell } from './pages/shell.js';

const ROWS = 100000;
const SOME = 2000;
const MOST_DRAWN = 120;

// As the superuser, past foreign keys and the triggers of sessions, which stay off: of a database that is thrown away.
const FILL = `SET session_replication_role = replica;
ALTER TABLE streamspace_data.session DISABLE TRIGGER USER;
WITH org AS (SELECT o.org_id FROM streamspace_data.org AS o WHERE o.name = 'default')
INSERT INTO streamspace_data.app_user (org_id, user_id, name, role)
OVERRIDING SYSTEM VALUE SELECT org.org_id, 1000000 + n, 'u-' || lpad(n::text, 6, '0'), 'user' FROM org, generate_series(1, ${ROWS}) AS n;
INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform, state, state_event, desired_state, observed_state,
	deadline_at, on_deadline, created_at, updated_at, state_at)
SELECT t.org_id, 's-' || lpad(n::text, 26, '0'), 1000000 + n, t.template_id, 1, 'process', 'failed', 'create', 'running', 'failed', now() + interval '1 day', 'failed_expired', x.at, x.at, x.at
FROM streamspace_data.template AS t, generate_series(1, ${ROWS}) AS n, LATERAL (SELECT now() - n * interval '1 second' AS at) AS x WHERE t.name = 'terminal';
INSERT INTO streamspace_data.audit_log (org_id, at, actor, function, arguments, object_id, result)
SELECT o.org_id, now(), 'user:default/ada', 'wake_session', '{}', n::text, 'ok' FROM streamspace_data.org AS o, generate_series(1, ${ROWS}) AS n WHERE o.name = 'default';
RESET session_replication_role;
ANALYZE;`;

// Scrolls to the end, again and again, until there is no more; what it saw on the way.
async function scrollThrough(page, label, key, most) {
	return page.evaluate(async ({ label: name, key: pattern, most: enough }) => {
		const box = document.querySelector(`.table-box[aria-label="${name}"]`);
		const seen = new Set();
		let drawn = 0;
		let disorder = 0;
		let last = null;
		const look = () => {
			const rows = [...box.querySelectorAll('tbody tr:not(.spacer)')];
			drawn = Math.max(drawn, rows.length);
			for (const row of rows) {
				const id = new RegExp(pattern).exec(row.textContent)?.[0];
				if (id && !seen.has(id)) {
					disorder += last !== null && (id <= last);
					last = id;
					seen.add(id);
				}
			}
		};
		const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
		const table = box.querySelector('table');
		for (;;) {
			look();
			const end = table.getAttribute('aria-rowcount') !== '-1';
			if (box.scrollHeight / 48 > enough) {
				break;
			}
			if (end && box.scrollTop + box.clientHeight >= box.scrollHeight - 1) {
				break;
			}
			box.scrollTop = box.scrollHeight;
			await frame();
		}
		await frame();
		look();
		return { count: Math.floor(box.scrollHeight / 48) - 1, drawn, disorder, last };
	}, { label, key, most });
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', { displayName: 'Terminal', platforms: ['process'], command: ['xterm'] });
	await stage.sql(FILL, 'postgres');
	const { page } = await visit();
	await new Shell(page).logIn(stage.administrator);
	const last = `s-${String(ROWS).padStart(26, '0')}`;
	for (const [path, label, key, most, want] of [
		['/admin/sessions', 'All sessions', 's-0[0-9]{25}', ROWS * 2, last],
		['/admin/stuck?why=failed', 'Stuck', 's-0[0-9]{25}', SOME],
		['/admin/users', 'Users', 'u-[0-9]{6}', SOME],
		['/admin/audit?function=wake_session', 'Audit', '$^', SOME],
	]) {
		await page.goto(path);
		await settled(page);
		const began = Date.now();
		const { count, drawn, disorder, last: seen } = await scrollThrough(page, label, key, most);
		t.ok(count >= Math.min(most - 2, ROWS - 1), `${label}: ${count} rows, in ${((Date.now() - began) / 1000).toFixed(1)} s`);
		t.ok(drawn > 0 && drawn <= MOST_DRAWN, `${label}: at most ${drawn} of them in the document`);
		t.eq(disorder, 0, `${label}: in the order of the list`);
		if (want) {
			t.eq(seen, want, `${label}: to the last one`);
		}
	}
	// One selects what is loaded and acts on it: the bulk action is asked with all of it.
	await page.goto('/admin/sessions?state=failed');
	await settled(page);
	await waitFor('the first page', () => page.getByRole('checkbox', { name: 'Select all that are loaded' }).isVisible());
	await page.getByRole('button', { name: 'Do something to all that fit the filters' }).or(page.getByRole('button', { name: 'All that fit' })).click();
	await page.getByRole('menuitem', { name: 'Add tag…' }).click();
	await page.getByRole('textbox', { name: 'Tag' }).last().fill('old');
	await page.getByRole('button', { name: 'Next' }).click();
	await page.getByText('There are more than 10,000').waitFor({ timeout: 120000 });
	t.ok(true, 'what is more than one action takes is said');
}, { agent: false });
