// Forms from a list of fields. What the API refuses comes back to the field that its pointer names.
//
// A field: {name, label, type, help, required, min, max, minLength, maxLength, pattern, options, rows, pointer, hidden}.
// Types: text, password, textarea, number, checkbox, select, datetime, tags, days. Values that are handed to submit():
// numbers as numbers, tags and days as lists, datetime as ISO time, an empty text, number or time as null.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ErrorBox } from './error_box.js';
import { Control } from './form_control.js';
import { html } from './html.js';

const EMPTY = { checkbox: false, days: [] };
const initialValue = (field, initial) => initial?.[field.name] ?? field.value ?? EMPTY[field.type] ?? '';

function converted(field, value) {
	switch (field.type) {
	case 'number':
		return value === '' ? null : Number(value);
	case 'datetime':
		return value === '' ? null : new Date(value).toISOString();
	case 'tags':
		return String(value).split(/[\s,]+/).filter(Boolean);
	case 'checkbox':
	case 'days':
		return value;
	default:
		return value === '' ? null : value;
	}
}

// The database's patterns are POSIX; one that JavaScript does not read is left to it.
function matches(pattern, text) {
	try {
		return new RegExp(`^(?:${pattern})$`, 'u').test(text);
	} catch {
		return true;
	}
}

function problemOf(field, value) {
	const missing = value === null || value === '' || (Array.isArray(value) && value.length === 0);
	if (missing) {
		return field.required ? 'is required' : null;
	}
	if (field.type === 'number') {
		if (!Number.isFinite(value) || (!field.fraction && !Number.isInteger(value))) {
			return field.fraction ? 'a number is required' : 'a whole number is required';
		}
		if (field.min !== undefined && value < field.min) {
			return `at least ${field.min} is required`;
		}
		return field.max !== undefined && value > field.max ? `at most ${field.max} is allowed` : null;
	}
	if (typeof value === 'string') {
		if (field.minLength && [...value].length < field.minLength) {
			return `at least ${field.minLength} characters are required`;
		}
		if (field.maxLength && [...value].length > field.maxLength) {
			return `at most ${field.maxLength} characters are allowed`;
		}
		return field.pattern && !matches(field.pattern, value) ? field.patternHelp || 'does not have the required form' : null;
	}
	return null;
}

function fieldOf(fields, pointer) {
	const own = (field) => field.pointer || `/${field.name}`;
	return pointer && fields.find((field) => pointer === own(field) || pointer.startsWith(`${own(field)}/`));
}

export function Form({ fields, initial, submit, onSubmit, onCancel, danger, children, footer }) {
	const [values, setValues] = useState(() => Object.fromEntries(fields.map((field) => [field.name, initialValue(field, initial)])));
	const [problems, setProblems] = useState({});
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const form = useRef(null);
	const seek = useRef(false);
	const shown = fields.filter((field) => !field.hidden?.(values));

	useEffect(() => {
		if (seek.current) {
			seek.current = false;
			const wrong = form.current.querySelector('[aria-invalid=true]');
			wrong?.closest('details')?.setAttribute('open', '');
			wrong?.focus();
		}
	}, [problems]);

	const refuse = (found) => {
		seek.current = true;
		setProblems(found);
	};

	const send = async (event) => {
		event.preventDefault();
		if (busy) {
			return;
		}
		const result = {};
		const found = {};
		for (const field of shown) {
			result[field.name] = converted(field, values[field.name]);
			const problem = problemOf(field, result[field.name]);
			if (problem) {
				found[field.name] = problem;
			}
		}
		setError(null);
		if (Object.keys(found).length > 0) {
			refuse(found);
			return;
		}
		setProblems({});
		setBusy(true);
		try {
			await onSubmit(result);
		} catch (failure) {
			const field = fieldOf(shown, failure.pointer);
			if (field) {
				refuse({ [field.name]: failure.detail });
			} else {
				setError(failure);
			}
		}
		setBusy(false);
	};

	const change = (name) => (value) => setValues((now) => ({ ...now, [name]: value }));
	const control = (field) => html`<${Control} key=${field.name} field=${field} value=${values[field.name]}
		problem=${problems[field.name]} onChange=${change(field.name)} />`;
	const advanced = shown.filter((field) => field.advanced);

	return html`<form class="stack" ref=${form} noValidate onSubmit=${send}>
		${children}
		${shown.filter((field) => !field.advanced).map(control)}
		${advanced.length > 0 && html`<details class="advanced"><summary>More options</summary>
			<div class="stack">${advanced.map(control)}</div></details>`}
		<${ErrorBox} error=${error} />
		<div class="dialog-actions">
			${footer}
			${onCancel && html`<button type="button" class="button" onClick=${onCancel}>Cancel</button>`}
			<button type="submit" class=${danger ? 'button danger' : 'button primary'} disabled=${busy} aria-busy=${busy}>${submit}</button>
		</div>
	</form>`;
}
