// Line icons on a grid of 24, drawn for this page. Decoration only: the words beside them say what they mean.
import { html } from './html.js';

const PATHS = {
	desktop: 'M3 5h18v11H3zM9 20h6M12 16v4',
	grid: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z',
	home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
	key: 'M14.5 9.5a4.5 4.5 0 1 0-3.6 4.4L13 16h2v2h2v2h4v-3.5l-6.6-5.6a4.5 4.5 0 0 0 .1-1.4zM8.5 9h.01',
	person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1.2-3.6 4.4-5 8-5s6.8 1.4 8 5',
	people: 'M9 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19c.9-3 3.4-4.2 6.5-4.200s5.6 1.2 6.5 4.200M16 5.300a3.5 3.5 0 0 1 0 6.400M18 15.200c1.8.6 3 1.8 3.5 3.8',
	server: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
	gauge: 'M4 18a8.5 8.5 0 1 1 16 0M12 14l4-5',
	file: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
	list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
	shield: 'M12 3l8 3v6c0 5-3.5 7.5-8 9-4.5-1.5-8-4-8-9V6z',
	alert: 'M12 4l9 16H3zM12 10v4M12 17h.01',
	info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01',
	play: 'M7 5l12 7-12 7z',
	moon: 'M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z',
	sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.400M17.6 17.600L19 19M5 19l1.4-1.400M17.6 6.400L19 5',
	contrast: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 7h7.500M12 12h9M12 17h7.5',
	clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2',
	refresh: 'M20 5v5h-5M4 19v-5h5M19 10a7.5 7.5 0 0 0-13-3M5 14a7.5 7.5 0 0 0 13 3',
	stop: 'M6 6h12v12H6z',
	share: 'M8 12l8-4.500M8 12l8 4.500M6 14.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 8.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 20.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
	edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
	trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
	more: 'M5 12h.01M12 12h.01M19 12h.01',
	menu: 'M4 7h16M4 12h16M4 17h16',
	close: 'M6 6l12 12M18 6L6 18',
	back: 'M15 5l-7 7 7 7',
	next: 'M9 5l7 7-7 7',
	plus: 'M12 5v14M5 12h14',
	search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5',
	check: 'M5 12.500l4.5 4.500L19 7.5',
	copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
	clipboard: 'M6 5h12v16H6zM9 3h6v4H9zM9 12h6M9 16h4',
	keyboard: 'M2.5 6h19v12h-19zM6 10h.01M9.5 10h.01M13 10h.01M16.5 10h.01M8 14h8',
	fit: 'M3 5h18v14H3zM8 9v6M8 12h8M16 9v6',
	expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
	shrink: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
	eye: 'M2 12c2.5-4.5 6-6.5 10-6.500s7.5 2 10 6.500c-2.5 4.5-6 6.5-10 6.500S4.5 16.5 2 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
	place: 'M12 21c4-5 6-8.200 6-11a6 6 0 0 0-12 0c0 2.800 2 6 6 11zM12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
	building: 'M5 21V4h9v17M14 10h5v11M3 21h18M8 8h3M8 12h3M8 16h3M16.500 14h.01M16.500 17.500h.01',
	settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
	logout: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
	tag: 'M4 4h8l8 8-8 8-8-8zM8 8h.01',
};

export function Icon({ name, size = 20 }) {
	return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
		stroke-width=${name === 'more' ? 3 : 1.75} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
		<path d=${PATHS[name]} />
	</svg>`;
}
