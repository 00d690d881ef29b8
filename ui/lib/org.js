// Which organisation the administrators' pages are about: one's own, unless a platform administrator chose another one.
import { useEffect, useState } from 'preact/hooks';
import { api, pathWith } from './api.js';
import { html } from './html.js';
import { currentMe, may, useMe } from './me.js';
import { changeQuery } from './query.js';
import { createStore, useStore } from './store.js';

const chosen = createStore('');
const FEW = 200;

// The name to send as the parameter org; undefined for one's own, so that it is left out.
export function useOrg(query) {
	const kept = useStore(chosen);
	const me = useMe();
	const asked = query?.get('org') || '';
	useEffect(() => {
		if (asked) {
			chosen.set(asked);
		}
	}, [asked]);
	const name = asked || kept;
	return may('platform_admin') && name && name !== me.org ? name : undefined;
}

export const orgName = (org) => org || currentMe()?.org;

// A link that stays with the organisation.
export const orgLink = (path, org, query) => pathWith(path, { ...query, org });

// A choice for platform administrators, nothing for the others. With many organisations one types the name.
export function OrgChoice({ org, only }) {
	const [names, setNames] = useState(null);
	const shown = may('platform_admin');
	useEffect(() => {
		if (shown) {
			api.get('/orgs', { limit: FEW }).then((page) => setNames({
				list: page.items.map((item) => item.name),
				all: !page.next_cursor,
			}), () => setNames({ list: [], all: false }));
		}
	}, [shown]);
	if (!shown || !names || (names.all && names.list.length < 2 && !only)) {
		return null;
	}
	const own = currentMe().org;
	const choose = (event) => {
		const name = event.target.value.trim() || own;
		chosen.set(name === own ? '' : name);
		changeQuery({ org: name === own ? '' : name });
	};
	const control = names.all
		? html`<select value=${org || own} onChange=${choose}>
			${names.list.map((name) => html`<option key=${name} value=${name} selected=${name === (org || own)}>${name}</option>`)}
		</select>`
		: html`<input type="text" value=${org || own} spellcheck="false" autocapitalize="none" onChange=${choose} />`;
	return html`<label class="field filter"><span class="label">Organisation</span>${control}</label>`;
}
