// Reading from the API in components: one object (useFetch), or a list page by page (useList).
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api, pathWith } from './api.js';
import { useLive } from './live.js';

// {data, error, loading, refresh, set}; a null path reads nothing.
export function useFetch(path, query) {
	const [state, setState] = useState({ data: null, error: null, loading: path !== null });
	const at = useRef(0);
	const address = path === null ? null : pathWith(path, query);

	const refresh = useCallback(async () => {
		if (address === null) {
			return;
		}
		const mine = ++at.current;
		setState((now) => ({ ...now, loading: true }));
		try {
			const data = await api.get(address);
			if (mine === at.current) {
				setState({ data, error: null, loading: false });
			}
		} catch (error) {
			if (mine === at.current) {
				setState((now) => ({ ...now, error, loading: false }));
			}
		}
	}, [address]);

	useEffect(() => {
		setState({ data: null, error: null, loading: address !== null });
		refresh();
		return () => {
			at.current += 1;
		};
	}, [refresh]);

	const set = useCallback((data) => setState({ data, error: null, loading: false }), []);
	return { ...state, refresh, set };
}

// One change of a session, applied to a list of sessions.
export function applyChange(items, { id, session }, belongs) {
	const index = items.findIndex((item) => item.id === id);
	if (index < 0) {
		return session && belongs(session) ? [session, ...items] : items;
	}
	if (!session || !belongs(session)) {
		return items.filter((item) => item.id !== id);
	}
	// An answer to a request may be newer than an event that was on its way.
	if (session.revision < items[index].revision) {
		return items;
	}
	return items.map((item) => (item.id === id ? session : item));
}

const addressOf = (address, from) => (from ? `${address}${address.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(from)}` : address);
const REREAD = 1000; // rows that are read again by themselves when events were missed; a longer list only says so

// {items, more, loadMore, loading, error, refresh, set, stale}; with live {belongs(session)} the list follows the events.
export function useList(path, query, { live } = {}) {
	const [state, setState] = useState({ items: [], cursor: null, error: null, loading: path !== null, read: false });
	const at = useRef(0);
	const cursor = useRef(null);
	const busy = useRef(false);
	const count = useRef(0);
	const belongs = useRef(null);
	belongs.current = live?.belongs;
	const address = path === null ? null : pathWith(path, query);

	const read = useCallback(async (from) => {
		if (address === null) {
			return;
		}
		const mine = ++at.current;
		busy.current = true;
		setState((now) => ({ ...now, loading: true, error: null }));
		try {
			const page = await api.get(addressOf(address, from));
			if (mine !== at.current) {
				return;
			}
			cursor.current = page.next_cursor;
			setState((now) => ({
				items: from ? [...now.items, ...page.items] : page.items,
				cursor: page.next_cursor, error: null, loading: false, read: true, stale: !!from && now.stale,
			}));
			count.current = (from ? count.current : 0) + page.items.length;
		} catch (error) {
			if (mine === at.current) {
				setState((now) => ({ ...now, error, loading: false }));
			}
		} finally {
			if (mine === at.current) {
				busy.current = false;
			}
		}
	}, [address]);

	// As many rows as there were, and shown at once: who scrolled down stays where he is.
	const reread = useCallback(async () => {
		const mine = ++at.current;
		const wanted = count.current;
		const items = [];
		let from = null;
		busy.current = true;
		try {
			do {
				const page = await api.get(addressOf(address, from));
				if (mine !== at.current) {
					return;
				}
				items.push(...page.items);
				from = page.next_cursor;
			} while (from && items.length < wanted);
			cursor.current = from;
			count.current = items.length;
			setState({ items, cursor: from, error: null, loading: false, read: true, stale: false });
		} catch (error) {
			if (mine === at.current) {
				setState((now) => ({ ...now, error, loading: false }));
			}
		} finally {
			if (mine === at.current) {
				busy.current = false;
			}
		}
	}, [address]);

	const refresh = useCallback(() => read(null), [read]);
	const loadMore = useCallback(() => {
		if (cursor.current && !busy.current) {
			read(cursor.current);
		}
	}, [read]);

	useEffect(() => {
		cursor.current = null;
		setState({ items: [], cursor: null, error: null, loading: address !== null, read: false });
		refresh();
		return () => {
			at.current += 1;
		};
	}, [refresh]);

	useLive({
		changes(items) {
			if (belongs.current) {
				setState((now) => ({
					...now,
					items: items.filter((item) => item.kind === 'session')
						.reduce((list, item) => applyChange(list, item, belongs.current), now.items),
				}));
			}
		},
		gap() {
			if (belongs.current && address !== null) {
				if (count.current <= REREAD) {
					reread();
				} else {
					setState((now) => ({ ...now, stale: true }));
				}
			}
		},
	}, [reread]);

	const set = useCallback((change) => setState((now) => ({ ...now, items: change(now.items) })), []);
	return { items: state.items, more: !!state.cursor, error: state.error, loading: state.loading, read: state.read, stale: state.stale, loadMore, refresh, set };
}
