// Chromium, and visitors in it: each has cookies of his own, and everything that his pages complain of is kept.
import { chromium } from './modules.js';
import { PATIENCE } from './wait.js';

const PROGRAM = process.env.STREAMSPACE_CHROMIUM || '/usr/bin/chromium';
const ARGS = [
	'--no-sandbox', // root has none, and only pages of our own are opened
	'--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

// A refusal by the API is no fault of the page: that it is shown rightly is what a test asks for.
const REFUSED = /^Failed to load resource: the server responded with a status of 4\d\d/;
// That tests look at pixels is no fault of it either.
const OURS = /^Canvas2D: Multiple readback operations/;

export async function launch() {
	return chromium.launch({ executablePath: PROGRAM, headless: true, args: ARGS });
}

// What pages of a visitor said and asked for.
export class Watch {
	problems = [];
	urls = [];
	frames = 0;
	allowed = [];

	constructor(origin) {
		this.origin = origin;
	}

	// A complaint that the test brings about itself.
	allow(pattern) {
		this.allowed.push(pattern);
	}

	problem(text) {
		if (!REFUSED.test(text) && !OURS.test(text) && !this.allowed.some((pattern) => pattern.test(text))) {
			this.problems.push(text);
		}
	}

	follow(page) {
		page.on('console', (message) => {
			if (['error', 'warning'].includes(message.type())) {
				this.problem(message.text());
			}
		});
		page.on('pageerror', (error) => this.problem(`uncaught: ${error.stack || error}`));
		page.on('request', (request) => this.url(request.url()));
		page.on('websocket', (socket) => this.url(socket.url().replace(/^ws/, 'http')));
		page.on('framenavigated', (frame) => this.url(frame.url()));
	}

	url(text) {
		this.urls.push(text);
		if (!/^(data|blob|about|chrome-error):/.test(text) && new URL(text).origin !== this.origin) {
			this.problem(`a request to another host: ${text}`);
		}
	}
}

export class Visitor {
	static async arrive(browser, stage, { dark = false, phone = false, user = null } = {}) {
		const visitor = new Visitor();
		visitor.stage = stage;
		visitor.user = user;
		visitor.context = await browser.newContext({
			baseURL: stage.url,
			viewport: phone ? PHONE : DESKTOP,
			hasTouch: phone,
			colorScheme: dark ? 'dark' : 'light',
			locale: 'en-GB',
			reducedMotion: 'reduce',
			permissions: ['clipboard-read', 'clipboard-write'],
		});
		visitor.context.setDefaultTimeout(PATIENCE);
		visitor.watch = new Watch(stage.url);
		await visitor.context.addInitScript(() => {
			document.addEventListener('securitypolicyviolation', (event) => {
				console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
			});
		});
		visitor.page = await visitor.open();
		return visitor;
	}

	// Another tab of his.
	async open() {
		const page = await this.context.newPage();
		this.watch.follow(page);
		return page;
	}

	leave() {
		return this.context.close();
	}
}
