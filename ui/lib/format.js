// Times, sizes and durations as people read them.
import { useEffect, useState } from 'preact/hooks';

const UNITS = [['day', 86400], ['h', 3600], ['min', 60], ['s', 1]];
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const timeOnly = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

const plural = (count, unit) => `${count} ${unit === 'day' && count !== 1 ? 'days' : unit}`;

// 5400 → "1 h 30 min": the two largest units that say something.
export function duration(seconds) {
	let rest = Math.max(0, Math.round(seconds));
	const parts = [];
	for (const [unit, size] of UNITS) {
		const count = Math.floor(rest / size);
		if (count > 0 && parts.length < 2) {
			parts.push(plural(count, unit));
			rest -= count * size;
		} else if (parts.length > 0) {
			break;
		}
	}
	return parts.join(' ') || '0 s';
}

// The largest unit only, for times that tick.
function roughly(seconds) {
	const value = Math.max(0, seconds);
	const [unit, size] = UNITS.find(([, length]) => value >= length) || UNITS[3];
	return plural(unit === 's' ? Math.round(value) : Math.floor(value / size), unit);
}

export const secondsUntil = (time, now = Date.now()) => (Date.parse(time) - now) / 1000;

export function ago(time, now = Date.now()) {
	if (!time) {
		return 'never';
	}
	const seconds = -secondsUntil(time, now);
	return seconds < 10 ? 'just now' : `${roughly(seconds)} ago`;
}

export function until(time, now = Date.now()) {
	const seconds = secondsUntil(time, now);
	if (seconds <= 0) {
		return 'any moment';
	}
	return `in ${seconds < 60 ? duration(seconds) : duration(Math.ceil(seconds / 60) * 60)}`;
}

export function when(time) {
	if (!time) {
		return '–';
	}
	const at = new Date(time);
	return at.toDateString() === new Date().toDateString() ? `today, ${timeOnly.format(at)}` : absolute.format(at);
}

export function mib(value) {
	if (value === null || value === undefined) {
		return 'no limit';
	}
	return value >= 1024 ? `${(value / 1024).toLocaleString(undefined, { maximumFractionDigits: 1 })} GiB` : `${value} MiB`;
}

export function cores(millicores) {
	if (millicores === null || millicores === undefined) {
		return 'no limit';
	}
	const value = millicores / 1000;
	return `${value.toLocaleString(undefined, { maximumFractionDigits: 2 })} ${value === 1 ? 'core' : 'cores'}`;
}

// "user:acme/ada" → "ada", "system" → "the system"
export function person(actor) {
	if (!actor || actor === 'system') {
		return 'the system';
	}
	const [kind, name] = actor.includes(':') ? actor.split(/:(.*)/) : ['user', actor];
	return kind === 'user' ? name.split('/').pop() : `${kind} ${name}`;
}

// The time now, again every so many milliseconds.
export function useNow(every = 1000) {
	const [now, setNow] = useState(Date.now);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), every);
		return () => clearInterval(timer);
	}, [every]);
	return now;
}
