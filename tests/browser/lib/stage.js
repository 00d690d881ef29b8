// The real programs of a test, started by stage.py: stage.startAgent(), stage.homeFile(session, name), …
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Rest } from './rest.js';
import { diag } from './tap.js';

export class Stage {
	constructor() {
		this.child = spawn('/usr/bin/python3', [fileURLToPath(new URL('stage.py', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.waiting = new Map();
		this.last = 0;
		this.ended = new Promise((resolve) => this.child.on('exit', resolve));
		createInterface({ input: this.child.stdout }).on('line', (line) => this.take(line));
		this.ended.then((status) => {
			for (const { reject } of this.waiting.values()) {
				reject(new Error(`stage.py ended with status ${status}`));
			}
		});
	}

	take(line) {
		if (!line.startsWith('{')) {
			diag(line);
			return;
		}
		const { id, result, error } = JSON.parse(line);
		const call = this.waiting.get(id);
		this.waiting.delete(id);
		if (error === undefined) {
			call.resolve(result);
		} else {
			call.reject(new Error(`${call.name}: ${error}`));
		}
	}

	call(name, args = {}) {
		const id = ++this.last;
		return new Promise((resolve, reject) => {
			this.waiting.set(id, { name, resolve, reject });
			this.child.stdin.write(`${JSON.stringify({ id, call: name, args })}\n`);
		});
	}

	async start(options = []) {
		const found = await this.call('start', { options });
		Object.assign(this, found, { url: `http://127.0.0.1:${found.port}` });
		this.adminRest = new Rest(this.url, found.token);
		return this;
	}

	async close() {
		this.child.stdin.end();
		await this.ended;
	}

	// A user with a password, made as a person would: by an administrator, with the one-time token.
	async user(name, { role = 'user', org } = {}) {
		const invited = await this.invite(name, { role, org });
		const password = `pass-${crypto.randomUUID()}`;
		await new Rest(this.url).post('/set-password', { token: invited, password });
		const user = { name, org, password, role };
		user.rest = await new Rest(this.url).logIn(user);
		return user;
	}

	async invite(name, { role = 'user', org } = {}) {
		return (await this.adminRest.post('/users', { name, role, ...(org ? { org } : {}) })).set_password_token;
	}

	get administrator() {
		return { name: this.admin, password: this.password, rest: this.adminRest };
	}

	template(name, spec, query = '') {
		return this.adminRest.call('PUT', `/templates/${name}${query}`, spec);
	}

	startAgent = (agent = 'agent-1', more = {}) => this.call('start_agent', { agent, ...more });
	killAgent = (agent = 'agent-1') => this.call('kill_agent', { agent });
	homeFile = (session, name) => this.call('home_file', { session, name });
	screenSize = (session) => this.call('screen_size', { session });
	sessionPids = (session) => this.call('session_pids', { session });
	sql = (text, user = 'dba') => this.call('sql', { text, user });
}
