// One field of a form, with its label, help and problem tied to it for screen readers.
import { useRef } from 'preact/hooks';
import { html } from './html.js';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
let controls = 0;

// The time of a <input type=datetime-local> is local and has no zone.
function localTime(value) {
	if (!value || !value.endsWith('Z')) {
		return value;
	}
	const at = new Date(value);
	return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function Days({ id, value, onChange }) {
	const toggle = (day) => onChange(value.includes(day) ? value.filter((one) => one !== day) : [...value, day].sort());
	return html`<div class="days" role="group" aria-labelledby=${`${id}-label`}>
		${DAYS.map((name, index) => html`<label class="day" key=${name}>
			<input type="checkbox" checked=${value.includes(index + 1)} onChange=${() => toggle(index + 1)} /><span>${name}</span>
		</label>`)}
	</div>`;
}

function Input({ id, field, value, common, onChange }) {
	const onInput = (event) => onChange(event.target.value);
	switch (field.type) {
	case 'textarea':
		return html`<textarea id=${id} rows=${field.rows || 4} value=${value} onInput=${onInput} ...${common}></textarea>`;
	case 'select':
		return html`<select id=${id} value=${value} onChange=${onInput} ...${common}>
			${!field.required && !field.options.some((option) => option.value === '') && html`<option value="">–</option>`}
			${field.options.map((option) => html`<option key=${option.value} value=${option.value} selected=${option.value === value}>
				${option.label ?? option.value}</option>`)}
		</select>`;
	case 'days':
		return html`<${Days} id=${id} value=${value} onChange=${onChange} />`;
	case 'number':
		return html`<input id=${id} type="text" inputmode=${field.min < 0 ? 'text' : 'decimal'} value=${value} onInput=${onInput} ...${common} />`;
	case 'datetime':
		return html`<input id=${id} type="datetime-local" value=${localTime(value)} onInput=${onInput} ...${common} />`;
	case 'time':
		return html`<input id=${id} type="time" value=${value} onInput=${onInput} ...${common} />`;
	case 'password':
		return html`<input id=${id} type="password" value=${value} onInput=${onInput} ...${common} />`;
	default:
		return html`<input id=${id} type="text" value=${value} onInput=${onInput} ...${common} />`;
	}
}

export function Control({ field, value, problem, onChange }) {
	const known = useRef(null);
	known.current ??= `field-${++controls}`;
	const id = known.current;
	const described = [field.help && `${id}-help`, problem && `${id}-problem`].filter(Boolean).join(' ');
	const common = {
		name: field.name,
		required: field.required,
		'aria-invalid': problem ? 'true' : undefined,
		'aria-describedby': described || undefined,
		autocomplete: field.autocomplete || 'off',
		placeholder: field.placeholder,
		autofocus: field.autofocus,
		spellcheck: field.type === 'textarea' ? undefined : false,
		autocapitalize: field.type === 'textarea' ? undefined : 'none',
		list: field.suggestions ? `${id}-list` : undefined,
	};
	const notes = html`
		${field.help && html`<span class="help" id=${`${id}-help`}>${field.help}</span>`}
		${problem && html`<span class="problem" id=${`${id}-problem`}>${field.label}: ${problem}</span>`}
		${field.suggestions && html`<datalist id=${`${id}-list`}>${field.suggestions.map((text) => html`<option key=${text} value=${text} />`)}</datalist>`}`;
	if (field.type === 'checkbox') {
		return html`<div class="field"><label class="check">
			<input id=${id} type="checkbox" name=${field.name} checked=${value} aria-describedby=${described || undefined}
				onChange=${(event) => onChange(event.target.checked)} /><span>${field.label}</span></label>${notes}</div>`;
	}
	const Label = field.type === 'days' ? 'span' : 'label';
	return html`<div class="field">
		<${Label} class="label" id=${`${id}-label`} for=${Label === 'label' ? id : undefined}>${field.label}
			${!field.required && !field.quiet && html` <span class="optional">optional</span>`}<//>
		<${Input} id=${id} field=${field} value=${value} common=${common} onChange=${onChange} />
		${notes}
	</div>`;
}
