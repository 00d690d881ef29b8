// The REST API: one function a method, paths without /api/v1, errors as ApiError. The cookie of the log-in goes along
// by itself; no token is ever seen here.
const BASE = '/api/v1';
const listeners = new Set();

export class ApiError extends Error {
	constructor(status, problem = {}) {
		super(problem.detail || problem.title || `The server answered ${status}`);
		this.status = status;
		this.code = problem.code || 'unexpected_answer';
		this.title = problem.title || 'The server gave an unexpected answer';
		this.detail = problem.detail || '';
		this.hint = problem.hint || '';
		this.pointer = problem.pointer || null;
		this.requestId = problem.request_id || null;
		this.body = problem;
	}
}

// What a browser says when no answer came at all.
function unreachable() {
	return new ApiError(0, {
		code: 'server_unreachable',
		title: 'The server cannot be reached',
		detail: navigator.onLine ? 'No answer came.' : 'This computer is offline.',
		hint: 'Check the connection and try again.',
	});
}

// Called when an answer says that the log-in has ended.
export function onLoggedOut(listener) {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

// A new name for a request, so that repeating it does not do it twice. Works without a secure context too.
export function newKey() {
	return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function pathWith(path, query) {
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query || {})) {
		if (value !== undefined && value !== null && value !== '') {
			search.set(name, value);
		}
	}
	const text = search.toString();
	return text ? `${path}${path.includes('?') ? '&' : '?'}${text}` : path;
}

async function call(method, path, { query, body, ifRevision, dryRun, key, signal } = {}) {
	const headers = { Accept: 'application/json' };
	if (method !== 'GET') {
		headers['Content-Type'] = 'application/json';
	}
	if (ifRevision !== undefined && ifRevision !== null) {
		headers['If-Match'] = `"${ifRevision}"`;
	}
	if (key) {
		headers['Idempotency-Key'] = key;
	}
	const url = BASE + pathWith(path, dryRun ? { ...query, dry_run: true } : query);
	let answer;
	let parsed;
	try {
		answer = await fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
		const text = await answer.text();
		parsed = text ? JSON.parse(text) : null;
	} catch (error) {
		if (error.name === 'AbortError') {
			throw error;
		}
		throw answer ? new ApiError(answer.status) : unreachable();
	}
	if (answer.ok) {
		return parsed;
	}
	const problem = new ApiError(answer.status, parsed || {});
	if (answer.status === 401 && problem.code === 'unauthorized') {
		for (const listener of listeners) {
			listener();
		}
	}
	throw problem;
}

export const api = {
	get: (path, query, options) => call('GET', path, { query, ...options }),
	post: (path, body = {}, options) => call('POST', path, { body, ...options }),
	put: (path, body, options) => call('PUT', path, { body, ...options }),
	patch: (path, body, options) => call('PATCH', path, { body, ...options }),
	del: (path, body, options) => call('DELETE', path, { body, ...options }),
};
