// The remote screen: what it shows, and the person in front of it.
import { randomBytes } from 'node:crypto';
import { PATIENCE, waitFor } from '../lib/wait.js';

export class Viewer {
	constructor(page, session = null) {
		this.page = page;
		this.session = session;
		this.root = page.locator('[data-viewer-state]');
		this.canvas = page.locator('[data-viewer-state] canvas');
	}

	async open(session = this.session) {
		this.session = session;
		await this.page.goto(`/view/${session}`);
	}

	state() {
		return this.root.getAttribute('data-viewer-state');
	}

	async wait(...states) {
		await this.page.waitForFunction((wanted) => wanted.includes(document.querySelector('[data-viewer-state]')?.dataset.viewerState), states, { timeout: PATIENCE });
	}

	// Connected, and something has been painted.
	async ready() {
		await this.wait('connected');
		await waitFor('a picture', async () => (await this.colours()) > 1);
	}

	button(name) {
		return this.page.getByRole('button', { name, exact: true });
	}

	size() {
		return this.canvas.evaluate((canvas) => [canvas.width, canvas.height]);
	}

	// How many colours are on the screen, counted up to 100.
	colours() {
		return this.canvas.evaluate((canvas) => {
			const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
			const found = new Set();
			for (let at = 0; at < pixels.length && found.size < 100; at++) {
				found.add(pixels[at]);
			}
			return found.size;
		}).catch(() => 0);
	}

	// A number that differs when any pixel does.
	fingerprint() {
		return this.canvas.evaluate((canvas) => {
			const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
			let hash = 2166136261;
			for (let at = 0; at < pixels.length; at++) {
				hash = Math.imul(hash ^ pixels[at], 16777619);
			}
			return hash >>> 0;
		});
	}

	// Until the picture has not changed for a moment.
	async still() {
		let last = null;
		await waitFor('a still picture', async () => {
			const now = await this.fingerprint();
			const same = now === last;
			last = now;
			return same;
		}, { every: 300 });
	}

	// Clicks at a place of the remote screen, given as parts of it.
	async click(x = 0.5, y = 0.5, more = {}) {
		const box = await this.canvas.boundingBox();
		await this.page.mouse.click(box.x + box.width * x, box.y + box.height * y, more);
	}

	async type(text) {
		for (const [number, line] of text.split('\n').entries()) {
			if (number > 0) {
				await this.page.keyboard.press('Enter');
			}
			await this.page.keyboard.type(line);
		}
	}

	// Types `echo NONCE > ~/NAME` as often as is needed until the home on the host has it: shell and window manager may be
	// starting still. The nonce.
	async prove(stage, name = 'proof') {
		const nonce = randomBytes(8).toString('hex');
		await waitFor(`${nonce} in ~/${name}`, async () => {
			await this.click();
			await this.type(`\necho ${nonce} > ~/${name}; cat ~/${name}\n`);
			return waitFor('the file', () => this.reads(stage, name, nonce), { timeout: 3000 }).catch(() => null);
		});
		return nonce;
	}

	async reads(stage, name, text) {
		return ((await stage.homeFile(this.session, name)) || '').trim() === text;
	}

	// Out of the remote screen by keyboard, to the bar.
	async escape() {
		await this.page.keyboard.press('Control+Alt+Shift');
	}

	get leave() {
		return this.page.getByRole('toolbar', { name: 'Session' }).getByRole('link');
	}

	// Tools of the bar.
	async scaling(way) {
		await this.button('Scaling').click();
		await this.page.getByRole('menuitem', { name: new RegExp(`^${way}`) }).click();
	}

	async key(name) {
		await this.button('Keys').click();
		await this.page.getByRole('menuitem', { name: new RegExp(`^${name}`) }).click();
	}

	get clipboard() {
		return this.page.getByRole('textbox', { name: 'Clipboard text' });
	}

	async openClipboard() {
		if (!await this.clipboard.isVisible()) {
			await this.button('Clipboard').click();
		}
	}

	async closeClipboard() {
		await this.button('Close the clipboard').click();
	}

	// atOnce: a long text is not typed.
	async sendClipboard(text, { atOnce = false } = {}) {
		await this.openClipboard();
		if (atOnce) {
			await this.clipboard.evaluate((field, value) => {
				field.value = value;
				field.dispatchEvent(new Event('input', { bubbles: true }));
			}, text);
		} else {
			await this.clipboard.fill(text);
		}
		await this.button('Send to the session').click();
		await this.clipboard.waitFor({ state: 'detached' });
	}

	async clipboardText() {
		await this.openClipboard();
		const text = await this.clipboard.inputValue();
		await this.closeClipboard();
		return text;
	}
}
