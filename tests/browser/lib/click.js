// The part of bench/click.py that is done in the browser: starts a session by a click, as often as wanted, and takes the times.
//
// A line of JSON on standard input says {url, user, password, template, rounds}; one on standard output {version, rounds: [{phase: ms}]}.
// Server, agent and browser share one clock, so the times of a session's events and those of the page can be subtracted.
import { createInterface } from 'node:readline';
import { launch, Visitor } from './browser.js';
import { Rest } from './rest.js';
import { waitFor } from './wait.js';
import { Catalog } from '../pages/catalog.js';
import { Shell } from '../pages/shell.js';
import { Viewer } from '../pages/viewer.js';

// In the page: when one clicked, and at which frame the canvas had something on it first.
function watchPage() {
	window.times = {};
	document.addEventListener('click', (event) => {
		window.times.click = event.timeStamp;
	}, true);
	const look = () => {
		const canvas = document.querySelector('[data-viewer-state] canvas');
		if (canvas?.width > 0 && !window.times.pixels) {
			const row = new Uint32Array(canvas.getContext('2d').getImageData(0, canvas.height >> 1, canvas.width, 1).data.buffer);
			if (row.some((pixel) => pixel !== 0)) {
				window.times.pixels = performance.now();
			}
		}
		requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
}

// Milliseconds of the page's clock, and since 1970.
function timesOfPage() {
	const asked = performance.getEntriesByType('resource').filter((entry) => new URL(entry.name).pathname === '/api/v1/sessions').pop();
	const marks = Object.fromEntries(performance.getEntriesByType('mark').map((mark) => [mark.name, mark.startTime]));
	return { origin: performance.timeOrigin, answered: asked.responseEnd, ...window.times, ...marks };
}

async function round(page, rest, template) {
	const catalog = new Catalog(page);
	await page.goto(`/catalog/${template}`);
	await catalog.submit.waitFor();
	const session = await catalog.start();
	const viewer = new Viewer(page, session);
	await viewer.ready();
	await waitFor('the first pixels', () => page.evaluate(() => window.times.pixels));
	const at = await page.evaluate(timesOfPage);
	const { items } = await rest.get(`/sessions/${session}/events`);
	const reached = (state) => Date.parse(items.find((event) => event.to_state === state && event.from_state !== state).at) - at.origin;
	const phases = {
		'POST': at.answered - at.click,
		'admission': Math.max(0, reached('starting') - at.answered),
		'start': reached('running') - Math.max(at.answered, reached('starting')),
		'news of it': at['viewer:ask'] - reached('running'),
		'ticket': at['viewer:ticket'] - at['viewer:ask'],
		'WebSocket': at['viewer:open'] - at['viewer:ticket'],
		'RFB greeting': at['viewer:connected'] - at['viewer:open'],
		'first pixels': at.pixels - at['viewer:connected'],
	};
	await rest.del(`/sessions/${session}?force=true`);
	await rest.waitState(session, 'terminated');
	return phases;
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { url, user, password, template, rounds } = JSON.parse((await lines.next()).value);
const browser = await launch();
const { page } = await Visitor.arrive(browser, { url });
await page.addInitScript(watchPage);
await new Shell(page).logIn({ name: user, password });
const rest = await new Rest(url).logIn({ name: user, password });
const found = [];
for (let number = 0; number < rounds; number++) {
	found.push(await round(page, rest, template));
}
console.log(JSON.stringify({ version: browser.version(), rounds: found }));
await browser.close();
process.exit(0);
