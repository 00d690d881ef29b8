// The REST API beside the page: what a test arranges or checks without looking at it.
import { show } from './tap.js';
import { waitFor } from './wait.js';

export class Rest {
	constructor(url, token = null) {
		this.url = url;
		this.token = token;
	}

	// {status, body}, whatever the answer says.
	async ask(method, path, body, headers = {}) {
		const answer = await fetch(`${this.url}/api/v1${path}`, {
			method,
			headers: {
				...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
				...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
				...headers,
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await answer.text();
		let parsed = text;
		try {
			parsed = text ? JSON.parse(text) : null;
		} catch {
			// No JSON: its text.
		}
		return { status: answer.status, body: parsed };
	}

	// The body of an answer that has to be a success.
	async call(method, path, body) {
		const { status, body: answer } = await this.ask(method, path, body);
		if (status >= 300) {
			throw new Error(`${method} ${path}: ${status} ${show(answer)}`);
		}
		return answer;
	}

	get = (path) => this.call('GET', path);
	post = (path, body = {}) => this.call('POST', path, body);
	put = (path, body) => this.call('PUT', path, body);
	del = (path, body = {}) => this.call('DELETE', path, body);

	async logIn({ name, password, org }) {
		const { token } = await this.post('/login', { user: name, password, ...(org ? { org } : {}) });
		return new Rest(this.url, token);
	}

	session = (id) => this.get(`/sessions/${id}`);

	async start(template, fields = {}) {
		const { id } = await this.post('/sessions', { template, ...fields });
		await this.waitState(id, 'running');
		return id;
	}

	waitState(id, ...states) {
		return waitFor(`${id} to be ${states.join(' or ')}`, async () => {
			const now = await this.session(id);
			if (now.state === 'failed' && !states.includes('failed')) {
				throw new Error(`${id} failed: ${now.reason}: ${now.message}; ${now.next_step}`);
			}
			return states.includes(now.state) ? now : null;
		});
	}
}
