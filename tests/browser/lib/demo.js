// The part of scripts/demo that a person does: log in, start a session from the catalog, type into its terminal.
//
// A line of JSON on standard input says {url, user, password, template, picture}; lines of JSON on standard output say what
// happens. After each {"typed": NONCE} it is told {"seen": true} when the nonce stands in the home on the host.
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { launch, Visitor } from './browser.js';
import { Catalog } from '../pages/catalog.js';
import { Shell } from '../pages/shell.js';
import { Viewer } from '../pages/viewer.js';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => JSON.parse((await lines.next()).value);
const tell = (what) => console.log(JSON.stringify(what));

// Types until the host says that it came through: shell and window manager may be starting still.
async function type(viewer, rounds = 20) {
	for (let round = 0; round < rounds; round++) {
		const nonce = randomBytes(8).toString('hex');
		await viewer.click(0.3, 0.3);
		await viewer.type(`\necho ${nonce} > ~/proof; cat ~/proof\n`);
		tell({ typed: nonce });
		if ((await hear()).seen) {
			return nonce;
		}
	}
	throw new Error('what is typed in the page does not arrive');
}

async function proof(browser, { url, user, password, template, picture }) {
	const { page } = await Visitor.arrive(browser, { url });
	const shell = new Shell(page);
	await shell.logIn({ name: user, password });
	tell({ say: `logged in at ${url} as ${user}, in Chromium ${browser.version()}` });
	await shell.go('Catalog');
	const catalog = new Catalog(page);
	await catalog.choose(template);
	const began = Date.now();
	const session = await catalog.start();
	tell({ session, say: `chose ${template} in the catalog and started it: ${session}` });
	const viewer = new Viewer(page, session);
	await viewer.ready();
	const size = await viewer.size();
	tell({ say: `the page shows its desktop (${size.join(' x ')}), ${((Date.now() - began) / 1000).toFixed(1)} s after the click` });
	await type(viewer);
	await viewer.still();
	await page.screenshot({ path: picture });
	tell({ picture });
}

const browser = await launch();
let status = 0;
try {
	await proof(browser, await hear());
} catch (error) {
	tell({ error: error.message });
	status = 1;
}
await browser.close();
process.exit(status);
