// The event stream: what changes of the sessions that one may see, as it changes. A WebSocket; where that does not get
// through, server-sent events. After a break it goes on from the last token.
import { useEffect } from 'preact/hooks';
import { createStore, useStore } from './store.js';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const PATH = '/api/v1/events';

const listeners = new Set();
const state = createStore('off'); // off, connecting, open, lost
let token = null;
let source = null;
let timer = null;
let failures = 0;

export const useLiveState = () => useStore(state);

// Calls changes(items) for what changed; gap(reason) when lists have to be read again, also now and then while there is no
// connection; bye(reason) before the server closes.
export function onLive(listener) {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export function useLive(listener, inputs) {
	useEffect(() => onLive(listener), inputs);
}

export function startLive() {
	if (state.get() === 'off') {
		connect();
	}
}

export function stopLive() {
	clearTimeout(timer);
	timer = null;
	token = null;
	failures = 0;
	state.set('off');
	source?.close();
	source = null;
}

function tell(name, ...values) {
	for (const listener of [...listeners]) {
		listener[name]?.(...values);
	}
}

function take(message) {
	// A stream without a token begins now: a list that was read before may lack what happened in between.
	const missed = message.type === 'gap' || (message.type === 'hello' && token === null);
	if (message.token) {
		token = message.token;
	}
	if (message.type === 'hello') {
		failures = 0;
		state.set('open');
	} else if (message.type === 'changes') {
		tell('changes', message.items);
	} else if (message.type === 'bye') {
		tell('bye', message.reason);
	}
	if (missed) {
		tell('gap', message.reason);
	}
}

function lost() {
	source = null;
	if (state.get() === 'off' || timer) {
		return;
	}
	failures += 1;
	if (failures > 2) {
		// The token may be what is refused; without one the stream begins anew, and lists are read again.
		token = null;
		state.set('lost');
		tell('gap');
	} else {
		state.set('connecting');
	}
	const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
	timer = setTimeout(connect, wait);
}

function connect() {
	clearTimeout(timer);
	timer = null;
	if (state.get() === 'off') {
		state.set('connecting');
	}
	const query = token ? `?since=${encodeURIComponent(token)}` : '';
	// Every other attempt after two failures takes the way that proxies let through.
	const mine = failures >= 2 && failures % 2 === 0 ? openEvents(PATH + query) : openSocket(PATH + query);
	source = mine;
	const handlers = {
		message: (text) => mine === source && take(JSON.parse(text)),
		end: () => mine === source && lost(),
	};
	mine.listen(handlers);
}

function openSocket(path) {
	const socket = new WebSocket(window.location.origin.replace(/^http/, 'ws') + path);
	return {
		close: () => socket.close(),
		listen({ message, end }) {
			socket.onmessage = (event) => message(event.data);
			socket.onclose = end;
		},
	};
}

function openEvents(path) {
	const events = new EventSource(path);
	return {
		close: () => events.close(),
		listen({ message, end }) {
			for (const type of ['hello', 'changes', 'gap', 'bye']) {
				events.addEventListener(type, (event) => message(event.data));
			}
			events.onerror = () => {
				events.close();
				end();
			};
		},
	};
}

// Back from sleep or from another network: do not wait for the timer.
function hurry() {
	if (timer && document.visibilityState === 'visible') {
		connect();
	}
}
window.addEventListener('online', hurry);
document.addEventListener('visibilitychange', hurry);
