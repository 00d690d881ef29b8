// The frame around the pages: log-in, set-password, menu, appearance, log-out.
import { expectAt } from '../lib/expect.js';

export class Shell {
	constructor(page) {
		this.page = page;
		this.navigation = page.getByRole('navigation', { name: 'Main' });
		this.person = page.getByRole('button', { name: 'Appearance and log-out' });
		this.menu = page.getByRole('button', { name: 'Menu', exact: true }); // on a phone
	}

	async logIn({ name, password, org }, at = '/login') {
		await this.page.goto(at);
		await this.page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor();
		await this.fillLogIn({ name, password, org });
		await this.page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor({ state: 'detached' });
	}

	async fillLogIn({ name, password, org }) {
		await this.page.getByRole('textbox', { name: 'User name' }).fill(name);
		await this.page.getByLabel('Password', { exact: true }).fill(password);
		if (org) {
			await this.page.getByText('More options').click();
			await this.page.getByRole('textbox', { name: 'Organisation' }).fill(org);
		}
		await this.page.getByRole('button', { name: 'Log in' }).click();
	}

	// The link that an administrator hands over.
	async setPassword(token, password) {
		await this.page.goto(`/set-password#token=${token}`);
		await this.page.getByRole('heading', { level: 1, name: 'Set your password' }).waitFor();
		await this.page.getByLabel('New password', { exact: true }).fill(password);
		await this.page.getByLabel('New password again', { exact: true }).fill(password);
		await this.page.getByRole('button', { name: 'Set the password' }).click();
		await this.page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor();
	}

	async go(label) {
		if (await this.menu.isVisible()) {
			await this.menu.click();
		}
		await this.navigation.getByRole('link', { name: label, exact: true }).click();
		await expectAt(this.page, label);
	}

	async choose(item) {
		if (await this.menu.isVisible()) {
			await this.menu.click();
		}
		await this.person.click();
		await this.page.getByRole('menuitem', { name: item, exact: true }).click();
	}

	async logOut() {
		await this.choose('Log out');
		await expectAt(this.page, 'Log in');
	}
}
