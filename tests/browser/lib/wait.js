// Waiting for conditions, never for time.
import { show } from './tap.js';

export const PATIENCE = Number(process.env.STREAMSPACE_TEST_PATIENCE || 60) * 1000; // what one step may take

// Calls probe() until it answers something true, and answers that.
export async function waitFor(what, probe, { timeout = PATIENCE, every = 50 } = {}) {
	const end = Date.now() + timeout;
	for (;;) {
		const last = await probe();
		if (last) {
			return last;
		}
		if (Date.now() >= end) {
			throw new Error(`waited in vain for ${what}; last: ${show(last)}`);
		}
		await new Promise((next) => setTimeout(next, every));
	}
}
