// Where a visitor is.
import { PATIENCE } from './wait.js';

// The page with this heading is shown, and has what it loads.
export async function expectAt(page, heading) {
	await page.getByRole('heading', { level: 1, name: heading, exact: typeof heading === 'string' }).waitFor({ timeout: PATIENCE });
	await settled(page);
}

export async function settled(page) {
	await page.waitForFunction(() => !document.querySelector('.spinner'), null, { timeout: PATIENCE });
}
