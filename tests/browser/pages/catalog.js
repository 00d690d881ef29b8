// The catalog, and the page from which a session is started.
import { expectAt } from '../lib/expect.js';
import { PATIENCE } from '../lib/wait.js';

export class Catalog {
	constructor(page) {
		this.page = page;
		this.search = page.getByRole('searchbox', { name: 'Search the catalog' });
		this.submit = page.getByRole('main').getByRole('button', { name: 'Start', exact: true });
	}

	async open() {
		await this.page.goto('/catalog');
		await expectAt(this.page, 'Catalog');
	}

	entry(name) {
		return this.page.getByRole('list', { name: 'Templates' }).getByRole('link', { name, exact: true });
	}

	// To the form of a template.
	async choose(name) {
		await this.entry(name).click();
		await expectAt(this.page, new RegExp(name));
	}

	field(label) {
		return this.page.getByLabel(new RegExp(`^${label}\\s*(optional)?$`));
	}

	// Sends the form; the session's id, at its viewer.
	async start() {
		await this.submit.click();
		await this.page.waitForURL(/\/view\/s-/, { timeout: PATIENCE });
		return new URL(this.page.url()).pathname.split('/').pop();
	}
}
