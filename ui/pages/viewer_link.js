// The way to a session's screen: wake it when it sleeps, get a ticket, connect, connect again. One state for the page to
// show: phase waking (the session is not ready yet), connecting, connected, reconnecting, or ended (with error or cut).
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { isMine, loadMe } from '../lib/me.js';
import { useSession } from '../lib/sessions.js';
import { library } from './viewer_library.js';

const FIRST_WAIT = 500;
const SHORT_WAIT = 2000; // the longest of the first half minute: an upgrade or a lost server is over within seconds
const LONGEST_WAIT = 10000;
const SOON = 30000;
const LASTED = 10000; // a connection that held so long starts the waits anew

// What the server says when it closes. `again`: connecting again is worth a try; `look`: the session's state says more.
const CUTS = {
	1000: { word: 'closed', title: 'The connection was closed', text: 'Somebody closed this connection to the session.' },
	1008: { word: 'malformed', title: 'The connection was refused', text: 'The server did not understand what the browser sent.' },
	1013: { word: 'overloaded', title: 'The server is busy', text: 'It takes no more connections at the moment.', again: true },
	4000: { word: 'session_terminated', title: 'The session has ended', text: 'It was terminated.', look: true },
	4001: { word: 'session_hibernated', title: 'The session hibernates', text: 'Its programs ended; the files in its home are kept.', look: true },
	4002: { word: 'access_revoked', title: 'You no longer have access', text: 'The session is not shared with you any more, or not in this way.' },
	4003: { word: 'agent_lost', title: 'The agent is gone', text: 'The machine that runs the session is not connected at the moment.', again: true },
	4004: { word: 'logged_out', title: 'You are logged out', text: 'Your log-in ended. Log in again to go on.' },
	4005: { word: 'session_failed', title: 'The session failed', text: 'Its desktop ended by itself.', look: true },
	4006: { word: 'session_restarted', title: 'The session was restarted', text: 'It comes back in a moment.', again: true },
};
const BROKEN = { word: 'connection_broken', title: 'The connection broke', text: 'The network or the server went away.', again: true };

// Refusals of a ticket that pass by themselves.
const PASSES = (error) => error.code !== 'too_many_viewers' && (error.status === 0 || error.status === 429 || error.status >= 500);
const READY = 'running';
const COMING = ['pending', 'starting', 'waking', 'hibernating'];

export function useViewer(id, screen, onView) {
	const { session, error: readError, refresh, take } = useSession(id);
	const [link, setLink] = useState({ phase: 'waking', mode: null, error: null, cut: null });
	const turn = useRef(0);
	const tries = useRef(0);
	const timer = useRef(null);
	const view = useRef(null);
	const seen = useRef(false); // whether the screen was shown before, so that a hibernated session is not woken again
	const since = useRef(0);
	const lost = useRef(null); // when the connection broke off that is not back yet
	const asked = useRef(false); // whether waking was asked for

	const leave = useCallback(() => {
		turn.current += 1;
		clearTimeout(timer.current);
		view.current?.disconnect();
		view.current = null;
		onView(null);
	}, []);

	const end = useCallback((what) => {
		leave();
		setLink((now) => ({ ...now, phase: 'ended', error: null, cut: null, ...what }));
	}, []);

	// The session is looked at first: it may have stopped meanwhile.
	const again = useCallback((cut) => {
		leave();
		lost.current ??= performance.now();
		const longest = performance.now() - lost.current < SOON ? SHORT_WAIT : LONGEST_WAIT;
		const wait = cut.look && tries.current === 0 ? 0 : Math.min(longest, FIRST_WAIT * 2 ** tries.current);
		tries.current += 1;
		setLink((now) => ({ ...now, phase: 'reconnecting', error: null, cut }));
		timer.current = setTimeout(async () => {
			await refresh();
			setLink((now) => (now.phase === 'reconnecting' ? { ...now, phase: 'waking' } : now));
		}, wait);
	}, [refresh]);

	const closed = useCallback((code) => {
		const cut = { code, ...(CUTS[code] || BROKEN) };
		if (performance.now() - since.current > LASTED) {
			tries.current = 0;
		}
		if (cut.again || cut.look) {
			again(cut);
		} else {
			end({ cut });
			refresh();
		}
		if (code === 4004) {
			loadMe().catch(() => null);
		}
	}, [again, end, refresh]);

	const attach = useCallback((RFB, ticket, mine) => {
		const socket = new WebSocket(new URL(ticket.url, window.location.href).href.replace(/^http/, 'ws'));
		const rfb = new RFB(screen.current, socket, { shared: true });
		view.current = rfb;
		rfb.viewOnly = ticket.mode === 'view';
		rfb.background = 'transparent';
		socket.addEventListener('open', () => performance.mark('viewer:open'));
		socket.addEventListener('close', (event) => mine === turn.current && closed(event.code));
		rfb.addEventListener('connect', () => {
			performance.mark('viewer:connected');
			since.current = performance.now();
			lost.current = null;
			seen.current = true;
			asked.current = false;
			setLink({ phase: 'connected', mode: ticket.mode, error: null, cut: null });
			onView(rfb);
		});
		rfb.addEventListener('disconnect', () => {
			view.current = null;
		});
		rfb.addEventListener('credentialsrequired', () => end({ cut: {
			word: 'vnc_password', title: 'The desktop asks for a password', text: 'Its VNC server has a password of its own, which StreamSpace does not know.' } }));
	}, [closed, end]);

	const connect = useCallback(async () => {
		const mine = ++turn.current;
		performance.mark('viewer:ask');
		setLink((now) => ({ ...now, phase: seen.current ? 'reconnecting' : 'connecting', error: null }));
		try {
			const [ticket, module] = await Promise.all([api.post(`/sessions/${id}/viewer-tickets`), library()]);
			if (mine === turn.current) {
				performance.mark('viewer:ticket');
				attach(module.default, ticket, mine);
			}
		} catch (error) {
			if (mine !== turn.current) {
				return;
			}
			if (error.code === 'session_not_running' || PASSES(error)) {
				again(error.code === 'agent_unreachable' ? { ...CUTS[4003], word: error.code }
					: { word: error.code, title: error.title || 'The viewer could not be loaded', text: error.hint || String(error.message), again: true });
			} else {
				end({ error });
			}
		}
	}, [id, again, attach, end]);

	const wake = useCallback(async () => {
		asked.current = true;
		setLink((now) => ({ ...now, phase: 'waking', error: null, cut: null }));
		try {
			const verb = session.state === 'failed' ? 'retry' : 'wake';
			take(await api.post(`/sessions/${id}:${verb}`));
		} catch (error) {
			end({ error });
		}
	}, [id, session?.state, take, end]);

	const retry = useCallback(() => {
		tries.current = 0;
		if (['hibernated', 'failed'].includes(session?.state)) {
			wake();
		} else {
			setLink((now) => ({ ...now, phase: 'waking', error: null, cut: null }));
			refresh();
		}
	}, [session?.state, wake, refresh]);

	useEffect(() => {
		if (!session) {
			return;
		}
		const { state } = session;
		if (link.phase === 'ended' && state === READY && !link.error && (!link.cut || link.cut.look)) {
			// It stopped, and somebody woke it.
			setLink((now) => ({ ...now, phase: 'waking', cut: null }));
		} else if (link.phase !== 'waking') {
			return;
		} else if (state === READY) {
			connect();
		} else if (state === 'hibernated' && !seen.current && !asked.current && isMine(session)) {
			wake();
		} else if (!COMING.includes(state) && !(state === 'hibernated' && asked.current)) {
			end({ cut: link.cut?.look ? link.cut : null });
		}
	}, [session?.state, session?.revision, link.phase]);

	// While the session gets ready, so does the library.
	useEffect(() => {
		library().catch(() => null);
		return leave;
	}, [id]);
	return { session, readError, ...link, wake, retry, refresh, take };
}
