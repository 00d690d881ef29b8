// The bar over the screen: where one is, and what a browser has no key for.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { Menu } from '../lib/menu.js';
import { Badge } from '../lib/page.js';
import { nameOf, STATES } from '../lib/session.js';
import { COMBINATIONS, sendKeys, TouchKeyboard } from './viewer_keys.js';

const SCALINGS = [
	['resize', 'Resize the remote screen', 'It takes the size of this window'],
	['fit', 'Scale to fit', 'It keeps its size and is drawn smaller or larger'],
	['original', 'Original size', 'One to one, with scrollbars'],
];

const PHASES = { connecting: ['busy', 'Connecting'], reconnecting: ['warn', 'Connecting again'], connected: ['ok', 'Connected'], ended: ['neutral', 'Not connected'] };

const touches = () => window.matchMedia('(pointer: coarse)').matches;

function useFullScreen(root) {
	const [full, setFull] = useState(false);
	useEffect(() => {
		const listen = () => setFull(document.fullscreenElement !== null);
		document.addEventListener('fullscreenchange', listen);
		return () => document.removeEventListener('fullscreenchange', listen);
	}, []);
	const toggle = () => (full ? document.exitFullscreen() : root.current.requestFullscreen());
	return [full, toggle];
}

export function ViewerBar({ session, phase, mode, view, root, scaling, onScaling, panel, onPanel }) {
	const [full, toggleFull] = useFullScreen(root);
	const [keyboard, setKeyboard] = useState(false);
	const [tone, label] = PHASES[phase] || (session ? [STATES[session.state].tone, STATES[session.state].label] : ['busy', 'Looking']);
	const controls = mode === 'control' && view;
	return html`<header class="viewer-bar">
		<div class="viewer-tools" role="toolbar" aria-label="Session">
			<a class="button quiet icon-only" href="/" aria-label="Back to my sessions"><${Icon} name="back" /></a>
			<strong class="viewer-name">${session ? nameOf(session) : 'Session'}</strong>
			<span role="status"><${Badge} tone=${tone}>${label}<//></span>
			${mode === 'view' && phase === 'connected' && html`<span class="badge warn"><${Icon} name="eye" size="14" />View only</span>`}
			<span class="viewer-space"></span>
			${view && html`<${Menu} label="Scaling" icon="fit" items=${SCALINGS.filter(([name]) => mode === 'control' || name !== 'resize')
				.map(([name, text, hint]) => ({ label: text, hint, checked: scaling === name, onSelect: () => onScaling(name) }))} />`}
			${controls && html`<${Menu} label="Keys" icon="keyboard" items=${COMBINATIONS.map(({ label: text, keys }) => ({
				label: text, onSelect: () => sendKeys(view, keys) }))} />`}
			${controls && touches() && html`<button type="button" class="button quiet" onClick=${() => setKeyboard(true)}>Type</button>`}
			${view && html`<button type="button" class="button quiet icon-only" aria-label="Clipboard" aria-pressed=${panel} onClick=${onPanel}><${Icon} name="clipboard" /></button>`}
			${document.fullscreenEnabled && html`<button type="button" class="button quiet icon-only" aria-label=${full ? 'Leave full screen' : 'Full screen'} onClick=${toggleFull}>
				<${Icon} name=${full ? 'shrink' : 'expand'} /></button>`}
		</div>
		${keyboard && controls && html`<${TouchKeyboard} view=${view} onClose=${() => setKeyboard(false)} />`}
		<p class="hidden-text">The screen takes every key. Press Ctrl, Alt and Shift together and let them go to come back to this bar.</p>
	</header>`;
}
