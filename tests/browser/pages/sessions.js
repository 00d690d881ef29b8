// "My sessions", and what one can do to a session there.
import { expectAt } from '../lib/expect.js';
import { PATIENCE } from '../lib/wait.js';

export class Sessions {
	constructor(page) {
		this.page = page;
	}

	async open() {
		await this.page.goto('/');
		await expectAt(this.page, 'My sessions');
	}

	card(id) {
		return this.page.locator(`[data-session="${id}"]`);
	}

	// Waits until its card says the state; nothing is loaded anew for that.
	async state(id, text) {
		await this.card(id).getByText(text, { exact: true }).first().waitFor({ timeout: PATIENCE });
	}

	async act(id, action) {
		await this.card(id).getByRole('button', { name: /^More for/ }).click();
		await this.page.getByRole('menuitem', { name: action, exact: true }).click();
	}

	async confirm(action) {
		await this.page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
	}
}
