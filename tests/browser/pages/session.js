// One session: its facts, and with whom it is shared.
import { expectAt } from '../lib/expect.js';
import { PATIENCE } from '../lib/wait.js';

export class Session {
	constructor(page, id) {
		this.page = page;
		this.id = id;
	}

	async open() {
		await this.page.goto(`/sessions/${this.id}`);
		await expectAt(this.page, /./);
	}

	async share(user, access) {
		await this.page.getByLabel('User name').fill(user);
		await this.page.getByLabel('What may they do?').selectOption({ label: access });
		await this.page.getByRole('button', { name: 'Share', exact: true }).click();
		await this.shared(user).getByText(access === 'Watch only' ? 'May watch' : 'May use it').waitFor({ timeout: PATIENCE });
	}

	shared(user) {
		return this.page.getByRole('listitem').filter({ has: this.page.getByRole('button', { name: `Revoke the share with ${user}` }) });
	}

	async revoke(user) {
		await this.page.getByRole('button', { name: `Revoke the share with ${user}` }).click();
	}
}
