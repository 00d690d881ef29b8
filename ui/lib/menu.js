// A button with a menu: arrow keys, Home, End, Escape; the focus comes back to the button.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { Icon } from './icons.js';

// Below the button where there is room, else above it; fixed, so that no scrolling box cuts it off.
function place(list, button) {
	const at = button.getBoundingClientRect();
	const left = Math.max(8, Math.min(at.right - list.offsetWidth, window.innerWidth - list.offsetWidth - 8));
	const below = at.bottom + 4 + list.offsetHeight <= window.innerHeight;
	list.style.left = `${left}px`;
	list.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - 4 - list.offsetHeight)}px`;
}

export function Menu({ label, items, icon = 'more', text, kind = 'quiet' }) {
	const [open, setOpen] = useState(false);
	const box = useRef(null);
	const button = useRef(null);
	const list = useRef(null);

	const entries = () => [...box.current.querySelectorAll('[role=menuitem]:not([aria-disabled=true])')];
	useLayoutEffect(() => {
		if (open) {
			place(list.current, button.current);
		}
	}, [open]);
	useEffect(() => {
		if (!open) {
			return undefined;
		}
		entries()[0]?.focus();
		const onOutside = (event) => {
			if (!box.current.contains(event.target)) {
				setOpen(false);
			}
		};
		const onScroll = () => setOpen(false);
		document.addEventListener('pointerdown', onOutside);
		window.addEventListener('scroll', onScroll, true);
		return () => {
			document.removeEventListener('pointerdown', onOutside);
			window.removeEventListener('scroll', onScroll, true);
		};
	}, [open]);

	const close = () => {
		setOpen(false);
		button.current.focus();
	};
	const onKeyDown = (event) => {
		const all = open ? entries() : [];
		const at = all.indexOf(document.activeElement);
		const step = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
		if (!open && event.key === 'ArrowDown') {
			event.preventDefault();
			setOpen(true);
		} else if (open && event.key === 'Escape') {
			event.preventDefault();
			event.stopPropagation();
			close();
		} else if (open && event.key === 'Tab') {
			setOpen(false);
		} else if (all.length > 0 && step !== undefined) {
			event.preventDefault();
			all[step % all.length].focus();
		}
	};
	const choose = (item) => {
		close();
		item.onSelect();
	};
	return html`<div class="menu" ref=${box} onKeyDown=${onKeyDown}>
		<button type="button" ref=${button} class=${`button ${kind} ${text ? '' : 'icon-only'}`} aria-label=${text ? undefined : label}
			aria-haspopup="menu" aria-expanded=${open} onClick=${() => setOpen(!open)}>
			<${Icon} name=${icon} />${text}
		</button>
		${open && html`<div class="menu-list" ref=${list} role="menu" aria-label=${label}>
			${items.filter(Boolean).map((item) => html`<button type="button" key=${item.label} role="menuitem" tabindex="-1"
				class=${item.danger ? 'menu-item danger' : 'menu-item'} aria-disabled=${!!item.disabled}
				onClick=${() => !item.disabled && choose(item)}>
				${item.icon && html`<${Icon} name=${item.icon} size="18" />`}
				<span>${item.label}${item.hint && html`<span class="menu-hint">${item.hint}</span>`}</span>
				${item.checked && html`<${Icon} name="check" size="18" />`}
			</button>`)}
		</div>`}
	</div>`;
}
