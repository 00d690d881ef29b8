// The pages of administrators: tables with rows, dialogs that ask first.
import { expectAt, settled } from '../lib/expect.js';
import { PATIENCE } from '../lib/wait.js';
import { Shell } from './shell.js';

export class Admin {
	constructor(page) {
		this.page = page;
	}

	open(label) {
		return new Shell(this.page).go(label);
	}

	async at(address) {
		await this.page.goto(address);
		await expectAt(this.page, /./);
		await settled(this.page);
	}

	dialog() {
		return this.page.getByRole('dialog');
	}

	// The row that begins with a name.
	row(name) {
		return this.page.getByRole('row').filter({ has: this.page.getByRole('link', { name, exact: true }) });
	}

	async choose(menu, item) {
		await this.page.getByRole('button', { name: menu, exact: true }).click();
		await this.page.getByRole('menuitem', { name: item, exact: true }).click();
	}

	// Says yes to a dialog that asks, and waits until it is done.
	async confirm(action) {
		await this.dialog().getByRole('button', { name: action, exact: true }).click({ timeout: PATIENCE });
		await this.dialog().waitFor({ state: 'detached', timeout: PATIENCE });
	}
}
