// The screen of a session, over the whole window.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { useNow } from '../lib/format.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { isMine } from '../lib/me.js';
import { nameOf, warningText } from '../lib/session.js';
import { notify, notifyError } from '../lib/toast.js';
import { ViewerBar } from './viewer_bar.js';
import { ClipboardPanel, useClipboard } from './viewer_clipboard.js';
import { ViewerCurtain } from './viewer_curtain.js';
import { useWayOut } from './viewer_keys.js';
import { useViewer } from './viewer_link.js';

const SCALING_KEY = 'streamspace-scaling';

function savedScaling() {
	try {
		return localStorage.getItem(SCALING_KEY) || 'resize';
	} catch {
		return 'resize';
	}
}

// resize: the remote screen takes the size of the window; fit: it is scaled; original: one to one, with scrollbars.
function useScaling(view, mode) {
	const [chosen, setScaling] = useState(savedScaling);
	// Who only watches does not change the size for the others.
	const scaling = chosen === 'resize' && mode === 'view' ? 'fit' : chosen;
	// Before the browser draws: a window that changes its size right after the choice must not change the remote screen.
	useLayoutEffect(() => {
		if (view) {
			view.scaleViewport = scaling !== 'original';
			view.resizeSession = scaling === 'resize';
		}
	}, [view, scaling]);
	const choose = (next) => {
		setScaling(next);
		try {
			localStorage.setItem(SCALING_KEY, next);
		} catch {
			// It holds for this visit.
		}
	};
	return [scaling, choose];
}

function Warning({ session, mine }) {
	const now = useNow(5000);
	const [hidden, setHidden] = useState(null);
	const text = warningText(session, now);
	if (!text || hidden === session.warning.at) {
		return null;
	}
	const keep = async () => {
		try {
			await api.post(`/sessions/${session.id}:extend`, { seconds: 3600 });
			notify('It is kept running for 1 hour');
		} catch (error) {
			notifyError(error);
		}
	};
	return html`<div class="viewer-warning" role="status"><${Icon} name="alert" size="18" /><span>${text}.</span>
		${mine && html`<button type="button" class="button small" onClick=${keep}>Keep running</button>`}
		<button type="button" class="button quiet small icon-only" aria-label="Hide this warning" onClick=${() => setHidden(session.warning.at)}><${Icon} name="close" size="16" /></button>
	</div>`;
}

export default function Viewer({ params }) {
	const screen = useRef(null);
	const root = useRef(null);
	const [view, setView] = useState(null);
	const [panel, setPanel] = useState(false);
	const onView = useCallback((next) => setView(() => next), []);
	const link = useViewer(params.id, screen, onView);
	const { session, phase, mode } = link;
	const [scaling, setScaling] = useScaling(view, mode);
	const clipboard = useClipboard(view, mode);
	useWayOut(root);

	useEffect(() => {
		document.title = `${session ? nameOf(session) : 'Session'} · StreamSpace`;
	}, [session?.name, session?.template]);
	useEffect(() => {
		if (view) {
			view.focus({ preventScroll: true });
		}
	}, [view]);

	return html`<div class="viewer" ref=${root} data-viewer-state=${phase} data-viewer-mode=${mode}>
		<${ViewerBar} session=${session} phase=${phase} mode=${mode} view=${view} root=${root} scaling=${scaling} onScaling=${setScaling}
			panel=${panel} onPanel=${() => setPanel(!panel)} />
		<main class="viewer-stage">
			<h1 class="hidden-text">${session ? nameOf(session) : 'Session'}</h1>
			<div class="viewer-screen" ref=${screen} role="application" aria-label="Remote screen"></div>
			${phase !== 'connected' && html`<${ViewerCurtain} link=${link} mine=${session && isMine(session)} />`}
			${session && phase === 'connected' && html`<${Warning} session=${session} mine=${isMine(session)} />`}
			${panel && html`<${ClipboardPanel} clipboard=${clipboard} mode=${mode} onClose=${() => {
				setPanel(false);
				view?.focus();
			}} />`}
		</main>
	</div>`;
}
