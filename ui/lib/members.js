// Puts a user into a group: from the page of either, by the name of the other.
import { useState } from 'preact/hooks';
import { api } from './api.js';
import { ErrorBox } from './error_box.js';
import { html } from './html.js';
import { notify } from './toast.js';

// group(typed) and user(typed) say which of the two the typed name is.
export function AddMember({ label, org, group, user, onDone }) {
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const add = async (event) => {
		event.preventDefault();
		const input = event.target.elements.name;
		const name = input.value.trim();
		if (!name) {
			input.focus();
			return;
		}
		setBusy(true);
		setError(null);
		try {
			await api.put(`/groups/${encodeURIComponent(group(name))}/members/${encodeURIComponent(user(name))}`, undefined, { query: { org } });
			notify(`${user(name)} is in ${group(name)}`);
			input.value = '';
			onDone();
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};
	return html`<form class="stack tight" onSubmit=${add}>
		<div class="toolbar filters"><label class="field filter"><span class="label">${label}</span>
			<input type="text" name="name" spellcheck="false" autocapitalize="none" autocomplete="off" /></label>
		<button type="submit" class="button" disabled=${busy}>Add</button></div>
		<${ErrorBox} error=${error} />
	</form>`;
}
