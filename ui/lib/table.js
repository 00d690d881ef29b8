// A table that draws only the rows in sight, so that it may hold 100,000. Rows have one height.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { Spinner } from './page.js';

const ROW_HEIGHT = 48;
const MARGIN = 12; // rows drawn beyond each edge
const AHEAD = 40; // rows before the end at which the next page is asked for

function Check({ label, checked, mixed, onChange }) {
	const input = useRef(null);
	useEffect(() => {
		input.current.indeterminate = !!mixed;
	}, [mixed]);
	return html`<input ref=${input} type="checkbox" aria-label=${label} checked=${checked} onChange=${onChange} />`;
}

function useWindow(box, count) {
	const [range, setRange] = useState([0, 60]);
	useLayoutEffect(() => {
		const element = box.current;
		const measure = () => {
			const first = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT) - MARGIN);
			const last = Math.ceil((element.scrollTop + element.clientHeight) / ROW_HEIGHT) + MARGIN;
			setRange((now) => (now[0] === first && now[1] === last ? now : [first, last]));
		};
		measure();
		element.addEventListener('scroll', measure, { passive: true });
		const observer = new ResizeObserver(measure);
		observer.observe(element);
		return () => {
			element.removeEventListener('scroll', measure);
			observer.disconnect();
		};
	}, [count === 0]);
	return [Math.min(range[0], Math.max(0, count - 1)), Math.min(range[1], count)];
}

// `list` is what useList() gave; without it the rows are all there are. `selection` is a Set of keys.
export function Table({ label, columns, rows, keyOf, selection, onSelect, list }) {
	const box = useRef(null);
	const [first, last] = useWindow(box, rows.length);

	useEffect(() => {
		if (list?.more && !list.loading && !list.error && last > rows.length - AHEAD) {
			list.loadMore();
		}
	}, [last, rows.length, list?.more, list?.loading, list?.error]);

	const toggle = (key) => {
		const next = new Set(selection);
		if (!next.delete(key)) {
			next.add(key);
		}
		onSelect(next);
	};
	const all = selection && rows.length > 0 && rows.every((row) => selection.has(keyOf(row)));
	const toggleAll = () => onSelect(all ? new Set() : new Set(rows.map(keyOf)));
	const width = columns.length + (selection ? 1 : 0);
	const spacer = (count) => count > 0 && html`<tr class="spacer" aria-hidden="true"><td colspan=${width} style=${{ height: `${count * ROW_HEIGHT}px` }}></td></tr>`;

	const missed = list?.stale && html`<div class="notice" role="status">Changes of this list were missed while the connection was interrupted.
		${' '}<button type="button" class="button small" onClick=${list.refresh}>Read it again</button></div>`;
	return html`${missed}<div class="table-box" ref=${box} tabindex="0" role="group" aria-label=${label}>
		<table aria-label=${label} aria-rowcount=${list?.more ? -1 : rows.length + 1}>
			<thead><tr>
				${selection && html`<th class="narrow"><${Check} label="Select all that are loaded" checked=${all}
					mixed=${!all && selection.size > 0} onChange=${toggleAll} /></th>`}
				${columns.map((column) => html`<th key=${column.key} scope="col" class=${column.align || ''}>${column.label}</th>`)}
			</tr></thead>
			<tbody>
				${spacer(first)}
				${rows.slice(first, last).map((row, index) => html`<tr key=${keyOf(row)} aria-rowindex=${first + index + 2}
					class=${selection?.has(keyOf(row)) ? 'selected' : ''}>
					${selection && html`<td class="narrow"><${Check} label=${`Select ${keyOf(row)}`} checked=${selection.has(keyOf(row))}
						onChange=${() => toggle(keyOf(row))} /></td>`}
					${columns.map((column) => html`<td key=${column.key} class=${column.align || ''}>${column.render ? column.render(row) : row[column.key]}</td>`)}
				</tr>`)}
				${spacer(rows.length - last)}
			</tbody>
		</table>
		${list?.loading && html`<${Spinner} label=${rows.length > 0 ? 'Loading more' : 'Loading'} />`}
	</div>`;
}
