#!/usr/bin/env node
// A list of 100,000: pages come as one scrolls, only rows in sight are drawn, and a jump to any place shows what is there. The
// pages are answered here, by the form of the API, since what is asked is what the browser makes of them.
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Shell } from './pages/shell.js';

const TOTAL = 100_000;
const PAGE = 200;
const MOST_DRAWN = 150;

const name = (number) => `Session ${number}`;

function rows(from) {
	return Array.from({ length: PAGE }, (_, index) => ({
		id: `s-${String(from + index).padStart(26, '0')}`, name: name(from + index), template: 'terminal', state: 'terminated', revision: 1,
		created_at: '2026-01-01T08:00:00Z', updated_at: '2026-01-01T09:00:00Z', tags: [],
	}));
}

function answer(route) {
	const from = Number(new URL(route.request().url()).searchParams.get('cursor') || 0);
	return route.fulfill({ json: { items: rows(from), next_cursor: from + PAGE < TOTAL ? String(from + PAGE) : null } });
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	const user = await stage.user('ada');
	const { page } = await visit();
	await page.route((url) => url.pathname === '/api/v1/sessions' && url.searchParams.get('state') === 'terminated', answer);
	await new Shell(page).logIn(user);
	await page.getByText('Sessions that ended').click();
	const table = page.getByRole('group', { name: 'Ended sessions' });
	await table.getByRole('link', { name: name(0), exact: true }).waitFor();
	const drawn = () => table.locator('tbody tr:not(.spacer)').count();
	t.ok(await drawn() < MOST_DRAWN, `a page of ${PAGE} draws ${await drawn()} rows`);

	const height = await table.locator('tbody tr:not(.spacer)').first().evaluate((row) => row.offsetHeight);
	await waitFor('the last page', () => table.evaluate((box, full) => {
		box.scrollTop = box.scrollHeight;
		return box.scrollHeight >= full;
	}, TOTAL * height));
	await table.getByRole('link', { name: name(TOTAL - 1), exact: true }).waitFor();
	t.ok(await drawn() < MOST_DRAWN, `with ${TOTAL} rows ${await drawn()} are drawn at the end`);

	for (const number of [50_000, 12_345, 99_000]) {
		await table.evaluate((box, top) => {
			box.scrollTop = top;
		}, number * height);
		await table.getByRole('link', { name: name(number), exact: true }).waitFor();
		t.ok(await drawn() < MOST_DRAWN, `row ${number} is shown where it belongs, among ${await drawn()}`);
	}
	t.eq(await table.locator(`tr[aria-rowindex="${99_000 + 2}"]`).getByRole('link').first().textContent(), name(99_000), 'and says its place');
}, { agent: false });
