// Filters that live in the address, so that a link, a reload and the way back show the same list.
import { html } from './html.js';
import { currentLocation, navigate } from './router.js';

// Sets these parameters of the address and takes empty ones away.
export function changeQuery(changes) {
	const { path, query } = currentLocation();
	const next = new URLSearchParams(query);
	for (const [name, value] of Object.entries(changes)) {
		if (value === '' || value === null || value === undefined) {
			next.delete(name);
		} else {
			next.set(name, value);
		}
	}
	const text = next.toString();
	navigate(text ? `${path}?${text}` : path, { replace: true });
}

function Filter({ field, value }) {
	const onChange = (event) => changeQuery({ [field.name]: event.target.value.trim() });
	if (field.options) {
		return html`<select value=${value} onChange=${onChange}>
			<option value="" selected=${!value}>${field.any || 'All'}</option>
			${field.options.map((option) => html`<option key=${option.value} value=${option.value} selected=${option.value === value}>
				${option.label}</option>`)}
		</select>`;
	}
	return html`<input type=${field.type || 'text'} value=${value} placeholder=${field.placeholder} spellcheck="false"
		autocapitalize="none" autocomplete="off" onChange=${onChange} />`;
}

// A text counts when one presses Enter or leaves it: each change asks the server anew.
export function Filters({ fields, query, children }) {
	const set = fields.filter((field) => query.get(field.name));
	const clear = () => changeQuery(Object.fromEntries(fields.map((field) => [field.name, ''])));
	return html`<form class="toolbar filters" role="search" aria-label="Filters" onSubmit=${(event) => event.preventDefault()}>
		${children}
		${fields.map((field) => html`<label class="field filter" key=${field.name}><span class="label">${field.label}</span>
			<${Filter} field=${field} value=${query.get(field.name) || ''} /></label>`)}
		${set.length > 0 && html`<button type="button" class="button quiet" onClick=${clear}>Clear filters</button>`}
	</form>`;
}

// For what has no filter: the name of one object, whose page opens.
export function Jump({ label, to }) {
	const go = (event) => {
		event.preventDefault();
		const name = event.target.elements.name.value.trim();
		if (name) {
			navigate(to(encodeURIComponent(name)));
		}
	};
	return html`<form class="toolbar jump" onSubmit=${go}>
		<label class="field filter"><span class="label">${label}</span>
			<input type="text" name="name" spellcheck="false" autocapitalize="none" autocomplete="off" required /></label>
		<button type="submit" class="button">Open</button>
	</form>`;
}
