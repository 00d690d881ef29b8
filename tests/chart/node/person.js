// A person at a browser, told line by line on standard input what to do; each line is answered by one of JSON.
//
//   {"do": "login", "url", "user", "password"}       {"do": "start", "template"} -> {"session"}
//   {"do": "open", "session"}                        {"do": "type", "text"}
//   {"do": "watch"} -> {"state"}: the viewer's state now, as its page says it
//   {"do": "gap"} -> {"longest"}: milliseconds that it was longest not connected, since the last such question
//   {"do": "picture", "path"}                        {"do": "problems"} -> {"problems"}: what pages complained of
import { createInterface } from 'node:readline';
import { launch, Visitor } from '../../browser/lib/browser.js';
import { Catalog } from '../../browser/pages/catalog.js';
import { Shell } from '../../browser/pages/shell.js';
import { Viewer } from '../../browser/pages/viewer.js';

const browser = await launch();
let visitor, viewer;

// Counts in the page itself, so that no question comes between.
async function measure() {
	await visitor.page.evaluate(() => {
		const watch = (window.gap = { longest: 0, since: null });
		const step = () => {
			const state = document.querySelector('[data-viewer-state]')?.dataset.viewerState;
			const now = performance.now();
			watch.since = state === 'connected' ? null : watch.since ?? now;
			watch.longest = Math.max(watch.longest, watch.since === null ? 0 : now - watch.since);
			requestAnimationFrame(step);
		};
		step();
	});
}

const steps = {
	async login({ url, user, password }) {
		visitor = await Visitor.arrive(browser, { url });
		await new Shell(visitor.page).logIn({ name: user, password });
		return { chromium: browser.version() };
	},
	async start({ template }) {
		await new Shell(visitor.page).go('Catalog');
		const catalog = new Catalog(visitor.page);
		await catalog.choose(template);
		const session = await catalog.start();
		viewer = new Viewer(visitor.page, session);
		await viewer.ready();
		await measure();
		return { session, size: await viewer.size() };
	},
	async open({ session }) {
		viewer = new Viewer(visitor.page, session);
		await viewer.open();
		await viewer.ready();
		await measure();
		return { size: await viewer.size() };
	},
	async type({ text }) {
		await viewer.click(0.3, 0.3);
		await viewer.type(text);
	},
	watch: async () => ({ state: await viewer.state() }),
	gap: () => visitor.page.evaluate(() => {
		const { longest } = window.gap;
		window.gap.longest = 0;
		return { longest: Math.round(longest) };
	}),
	async picture({ path }) {
		await viewer.still();
		await visitor.page.screenshot({ path });
	},
	problems: () => ({ problems: visitor.watch.problems }),
};

for await (const line of createInterface({ input: process.stdin })) {
	const told = JSON.parse(line);
	try {
		console.log(JSON.stringify((await steps[told.do](told)) ?? {}));
	} catch (error) {
		const at = visitor ? { url: visitor.page.url(), says: await visitor.page.locator('body').innerText().catch(() => '') } : {};
		console.log(JSON.stringify({ error: `${told.do}: ${error.message}`, ...at }));
	}
}
await browser.close();
