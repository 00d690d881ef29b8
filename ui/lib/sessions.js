// Sessions that follow the event stream: one's own that have not ended, and a single one.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api } from './api.js';
import { applyChange } from './list.js';
import { useLive } from './live.js';
import { currentMe } from './me.js';
import { LIVING, PASSING } from './session.js';

const LOOK_AGAIN_MS = 3000;
const READ_AGAIN_MS = 45000;

// Place in the queue and progress move without an event.
function useLookAgain(sessions, take) {
	const ids = sessions.filter((session) => PASSING.includes(session.state)).map((session) => session.id).join(' ');
	useEffect(() => {
		if (!ids) {
			return undefined;
		}
		const look = () => Promise.all(ids.split(' ').map((id) => api.get(`/sessions/${id}`).then(take, () => null)));
		const timer = setInterval(look, LOOK_AGAIN_MS);
		return () => clearInterval(timer);
	}, [ids, take]);
}

// An agent that goes away changes how its sessions look, but is no event of theirs: read again now and then, and when one
// comes back to the page.
function useReadAgain(refresh) {
	useEffect(() => {
		const look = () => document.visibilityState === 'visible' && refresh();
		const timer = setInterval(look, READ_AGAIN_MS);
		document.addEventListener('visibilitychange', look);
		return () => {
			clearInterval(timer);
			document.removeEventListener('visibilitychange', look);
		};
	}, [refresh]);
}

async function readAll(query) {
	const items = [];
	let cursor;
	do {
		const page = await api.get('/sessions', { ...query, limit: 200, cursor });
		items.push(...page.items);
		cursor = page.next_cursor;
	} while (cursor);
	return items;
}

// One list for each state that is not the end: few, however many sessions ended.
async function readOwn() {
	const owner = currentMe().name;
	const lists = await Promise.all(LIVING.map((state) => readAll({ owner, state })));
	const byId = new Map();
	for (const session of lists.flat()) {
		const known = byId.get(session.id);
		if (!known || known.revision < session.revision) {
			byId.set(session.id, session);
		}
	}
	return [...byId.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
}

// {items, error, loading, refresh, take}: one's own sessions that have not ended, newest first.
export function useOwnSessions() {
	const [state, setState] = useState({ items: [], error: null, loading: true });
	const at = useRef(0);
	const mine = (session) => session.owner === currentMe()?.name && session.org === currentMe()?.org && session.state !== 'terminated';

	const refresh = useCallback(async () => {
		const turn = ++at.current;
		try {
			const items = await readOwn();
			if (turn === at.current) {
				setState({ items, error: null, loading: false });
			}
		} catch (error) {
			if (turn === at.current) {
				setState((now) => ({ ...now, error, loading: false }));
			}
		}
	}, []);
	const apply = useCallback((changes) => setState((now) => ({
		...now, items: changes.reduce((list, change) => applyChange(list, change, mine), now.items),
	})), []);
	const take = useCallback((session) => apply([{ id: session.id, session }]), [apply]);

	useEffect(() => {
		refresh();
		return () => {
			at.current += 1;
		};
	}, []);
	useLive({ changes: (items) => apply(items.filter((item) => item.kind === 'session')), gap: refresh }, [apply, refresh]);
	useLookAgain(state.items, take);
	useReadAgain(refresh);
	return { ...state, refresh, take };
}

// {session, error, loading, gone, refresh, take}: one session as it changes.
export function useSession(id) {
	const [state, setState] = useState({ session: null, error: null, loading: true, gone: false });

	const take = useCallback((session) => setState((now) => (
		now.session?.id === session.id && now.session.revision > session.revision
			? now : { session, error: null, loading: false, gone: false })), []);
	const refresh = useCallback(async () => {
		try {
			take(await api.get(`/sessions/${id}`));
		} catch (error) {
			setState((now) => ({ ...now, error, loading: false, gone: error.code === 'session_not_found' }));
		}
	}, [id]);

	useEffect(() => {
		setState({ session: null, error: null, loading: true, gone: false });
		refresh();
	}, [id]);
	useLive({
		changes(items) {
			for (const item of items.filter((change) => change.kind === 'session' && change.id === id)) {
				if (item.session) {
					take(item.session);
				} else {
					refresh();
				}
			}
		},
		gap: refresh,
	}, [id]);
	useReadAgain(refresh);
	useLookAgain(state.session ? [state.session] : [], take);
	return { ...state, refresh, take };
}
