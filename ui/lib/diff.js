// What differs between two texts, line by line: the longest common subsequence of what is between equal ends.
import { html } from './html.js';

const MOST_CELLS = 4000000; // beyond that everything between the equal ends counts as changed
const AROUND = 3;           // equal lines that are shown around a change

function middle(before, after) {
	if ((before.length + 1) * (after.length + 1) > MOST_CELLS) {
		return [...before.map((line) => ['-', line]), ...after.map((line) => ['+', line])];
	}
	const width = after.length + 1;
	const length = new Uint32Array((before.length + 1) * width);
	for (let i = before.length - 1; i >= 0; i--) {
		for (let j = after.length - 1; j >= 0; j--) {
			length[i * width + j] = before[i] === after[j] ? length[(i + 1) * width + j + 1] + 1
				: Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
		}
	}
	const lines = [];
	let i = 0;
	let j = 0;
	while (i < before.length || j < after.length) {
		if (i < before.length && j < after.length && before[i] === after[j]) {
			lines.push([' ', before[i]]);
			i += 1;
			j += 1;
		} else if (i < before.length && (j === after.length || length[(i + 1) * width + j] >= length[i * width + j + 1])) {
			lines.push(['-', before[i++]]);
		} else {
			lines.push(['+', after[j++]]);
		}
	}
	return lines;
}

// [[sign, line]]: sign is ' ' for a line of both, '-' for one that goes, '+' for one that comes.
export function diffLines(before, after) {
	const was = before.split('\n');
	const will = after.split('\n');
	let head = 0;
	while (head < was.length && head < will.length && was[head] === will[head]) {
		head += 1;
	}
	let tail = 0;
	while (tail < was.length - head && tail < will.length - head && was[was.length - 1 - tail] === will[will.length - 1 - tail]) {
		tail += 1;
	}
	const same = (line) => [' ', line];
	return [...was.slice(0, head).map(same), ...middle(was.slice(head, was.length - tail), will.slice(head, will.length - tail)),
		...was.slice(was.length - tail).map(same)];
}

// Only what is near a change; a gap is a number of lines that are left out.
export function nearChanges(lines, around = AROUND) {
	const shown = new Set();
	lines.forEach(([sign], at) => {
		for (let near = at - around; sign !== ' ' && near <= at + around; near++) {
			shown.add(near);
		}
	});
	const result = [];
	lines.forEach((line, at) => {
		if (shown.has(at)) {
			result.push(line);
		} else if (typeof result[result.length - 1] === 'number') {
			result[result.length - 1] += 1;
		} else {
			result.push(1);
		}
	});
	return result;
}

const WORDS = { '-': 'goes: ', '+': 'comes: ', ' ': '' };

export function Diff({ label, before, after }) {
	const lines = diffLines(before, after);
	if (lines.every(([sign]) => sign === ' ')) {
		return html`<p>Nothing differs.</p>`;
	}
	return html`<div class="diff" role="region" tabindex="0" aria-label=${label}>
		${nearChanges(lines).map((line, at) => (typeof line === 'number'
			? html`<div key=${at} class="diff-gap">${line} equal ${line === 1 ? 'line' : 'lines'}</div>`
			: html`<div key=${at} class=${`diff-line ${{ '-': 'gone', '+': 'new', ' ': '' }[line[0]]}`}>
				<span class="diff-sign" aria-hidden="true">${line[0]}</span>
				<span class="hidden-text">${WORDS[line[0]]}</span><span class="diff-text">${line[1]}</span></div>`))}
	</div>`;
}

export const pretty = (value) => JSON.stringify(value, null, 2);
