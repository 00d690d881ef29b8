// A whole test file: the stage, the browser, the body, and what has to be true at the end of every one of them.
import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { launch, Visitor } from './browser.js';
import { ROOT } from './modules.js';
import { Stage } from './stage.js';
import { diag, Tap } from './tap.js';

// An xterm whose whole screen is one terminal, so that a click anywhere reaches its shell.
export const TERMINAL = {
	displayName: 'Terminal',
	description: 'A shell in an xterm',
	category: 'Tools',
	tags: ['shell', 'text'],
	platforms: ['process'],
	command: ['xterm', '-fa', 'DejaVu Sans Mono', '-fs', '11', '-maximized'],
	resolution: '1024x768',
};

async function complain(name, stage, visitors) {
	const folder = `${ROOT}build/test-logs/browser`;
	mkdirSync(folder, { recursive: true });
	for (const [number, visitor] of visitors.entries()) {
		for (const page of visitor.context.pages()) {
			const file = `${folder}/${name}-${number}.png`;
			await page.screenshot({ path: file, timeout: 5000 }).catch(() => {});
			diag(`visitor ${number} is at ${page.url()}; ${file}`);
			diag(await page.locator('body').ariaSnapshot({ timeout: 5000 }).catch((error) => error.message));
		}
		visitor.watch.problems.forEach(diag);
	}
	const tails = await stage.call('tails').catch(() => ({}));
	for (const [program, tail] of Object.entries(tails)) {
		diag(`--- ${program} ends:\n${tail}`);
	}
}

// body({t, stage, visit}); visit(options) is a new visitor.
export async function test(body, { options = [], agent = true } = {}) {
	const t = new Tap();
	const name = basename(process.argv[1], '.js');
	const stage = new Stage();
	const visitors = [];
	let browser = null;

	const end = async () => {
		await browser?.close().catch(() => {});
		await stage.close();
	};
	for (const signal of ['SIGTERM', 'SIGINT']) {
		process.once(signal, () => end().then(() => process.exit(1)));
	}

	try {
		await stage.start(options);
		[browser] = await Promise.all([launch(), agent && stage.startAgent()]);
		const visit = async (more) => {
			const visitor = await Visitor.arrive(browser, stage, more);
			visitors.push(visitor);
			return visitor;
		};
		await body({ t, stage, visit });
		t.eq(visitors.flatMap((visitor) => visitor.watch.problems), [], 'no error in the console, no breach of the content security policy, no request elsewhere');
		t.eq(await stage.call('complaints'), [], 'no complaint of a sanitizer');
	} catch (error) {
		t.fail('the test ran to its end', error.stack);
	}
	if (t.failed) {
		await complain(name, stage, visitors).catch((error) => diag(error.stack));
	}
	await end();
	process.exit(t.done());
}
