// Lengths of time as administrators write them: 90s, 30m, 8h, 7d, 1h30m. Empty is null: nothing is said; never is 0.
const UNIT = { s: 1, m: 60, h: 3600, d: 86400 };

export function parseSeconds(text, { never = true } = {}) {
	const words = String(text ?? '').trim().toLowerCase().replace(/\s+/g, '');
	if (words === '') {
		return null;
	}
	if (never && (words === 'never' || words === 'none')) {
		return 0;
	}
	if (/^\d+$/.test(words)) {
		return Number(words);
	}
	if (!/^(\d+[smhd])+$/.test(words)) {
		return NaN;
	}
	return [...words.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNIT[unit], 0);
}

// 5400 → "1h30m", so that it can be edited and read back as the same.
export function writeSeconds(seconds) {
	if (seconds === null || seconds === undefined) {
		return '';
	}
	if (seconds === 0) {
		return 'never';
	}
	let rest = seconds;
	let words = '';
	for (const unit of ['d', 'h', 'm', 's']) {
		const count = Math.floor(rest / UNIT[unit]);
		if (count > 0) {
			words += `${count}${unit}`;
			rest -= count * UNIT[unit];
		}
	}
	return words;
}

// For a field of a form: a value, or an error that the form shows at the field.
export function readSeconds(text, pointer, options) {
	const seconds = parseSeconds(text, options);
	if (Number.isNaN(seconds)) {
		throw Object.assign(new Error('Not a length of time'), {
			code: 'invalid_argument', title: 'Not a length of time', pointer,
			detail: 'write it as 90s, 30m, 8h, 7d or 1h30m', hint: 'Correct it and look at the preview again.',
		});
	}
	return seconds;
}
