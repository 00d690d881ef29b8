// Keys that a browser or a system keeps for itself, a keyboard for touch screens, and the way out of the screen.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../lib/html.js';

const KEY = {
	Control: [0xffe3, 'ControlLeft'], Alt: [0xffe9, 'AltLeft'], Shift: [0xffe1, 'ShiftLeft'], Super: [0xffeb, 'MetaLeft'],
	Delete: [0xffff, 'Delete'], Tab: [0xff09, 'Tab'], Escape: [0xff1b, 'Escape'], Backspace: [0xff08, 'Backspace'],
	Enter: [0xff0d, 'Enter'], F4: [0xffc1, 'F4'], F11: [0xffc8, 'F11'], Print: [0xff61, 'PrintScreen'], C: [0x63, 'KeyC'],
};

export const COMBINATIONS = [
	{ label: 'Ctrl+Alt+Delete', keys: ['Control', 'Alt', 'Delete'] },
	{ label: 'Escape', keys: ['Escape'] },
	{ label: 'Tab', keys: ['Tab'] },
	{ label: 'Alt+Tab', keys: ['Alt', 'Tab'] },
	{ label: 'Alt+F4', keys: ['Alt', 'F4'] },
	{ label: 'F11', keys: ['F11'] },
	{ label: 'Super (Windows key)', keys: ['Super'] },
	{ label: 'Print screen', keys: ['Print'] },
	{ label: 'Ctrl+C', keys: ['Control', 'C'] },
];

export function sendKeys(view, keys) {
	for (const name of keys) {
		view.sendKey(...KEY[name], true);
	}
	for (const name of [...keys].reverse()) {
		view.sendKey(...KEY[name], false);
	}
	view.focus();
}

// X11: Latin-1 as it is, everything else as Unicode with a mark.
function sendText(view, text) {
	for (const letter of text) {
		const point = letter.codePointAt(0);
		view.sendKey(point < 0x100 ? point : 0x01000000 + point, null);
	}
}

// The screen takes every key. Ctrl+Alt+Shift, pressed and let go together, gives the focus to the bar: acted upon when the
// keys are up again, so that the session does not keep them pressed.
export function useWayOut(root) {
	useEffect(() => {
		let armed = false;
		const onDown = (event) => {
			const modifier = ['Control', 'Alt', 'Shift', 'Meta', 'AltGraph'].includes(event.key);
			armed = modifier && event.ctrlKey && event.altKey && event.shiftKey;
		};
		const onUp = (event) => {
			if (armed && !event.ctrlKey && !event.altKey && !event.shiftKey) {
				armed = false;
				root.current.querySelector('[role=toolbar] button, [role=toolbar] a').focus();
			}
		};
		window.addEventListener('keydown', onDown, true);
		window.addEventListener('keyup', onUp, true);
		return () => {
			window.removeEventListener('keydown', onDown, true);
			window.removeEventListener('keyup', onUp, true);
		};
	}, []);
}

// A field that a touch screen's keyboard types into; what arrives there is sent key by key.
export function TouchKeyboard({ view, onClose }) {
	const input = useRef(null);
	useLayoutEffect(() => input.current.focus(), []);
	const onBeforeInput = (event) => {
		event.preventDefault();
		const key = { insertLineBreak: 'Enter', insertParagraph: 'Enter', deleteContentBackward: 'Backspace', deleteWordBackward: 'Backspace' }[event.inputType];
		if (key) {
			view.sendKey(...KEY[key]);
		} else if (event.data) {
			sendText(view, event.data);
		}
	};
	return html`<textarea class="touch-keyboard" ref=${input} aria-label="Keyboard of the session" autocapitalize="none" autocomplete="off"
		spellcheck=${false} onbeforeinput=${onBeforeInput} onBlur=${onClose}></textarea>`;
}
