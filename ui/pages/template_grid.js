// Templates as cards to start from.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { html } from '../lib/html.js';
import { may } from '../lib/me.js';
import { Empty } from '../lib/page.js';

export const titleOf = (template) => template.spec.displayName || template.name;

// All templates, page after page: a search has to see every one. {items, error, loading, refresh}
export function useTemplates() {
	const [state, setState] = useState({ items: [], error: null, loading: true });
	const refresh = useCallback(async () => {
		setState((now) => ({ ...now, error: null }));
		try {
			const items = [];
			let cursor;
			do {
				const page = await api.get('/templates', { limit: 200, cursor });
				items.push(...page.items);
				cursor = page.next_cursor;
			} while (cursor);
			setState({ items, error: null, loading: false });
		} catch (error) {
			setState((now) => ({ ...now, error, loading: false }));
		}
	}, []);
	useEffect(() => {
		refresh();
	}, []);
	return { ...state, refresh };
}

// A colour that always goes with the same name.
function hueOf(name) {
	let sum = 0;
	for (const letter of name) {
		sum = (sum * 31 + letter.codePointAt(0)) % 360;
	}
	return sum;
}

// Pictures come from this server only (the page's content policy), so an icon elsewhere is shown as two letters.
export function TemplateIcon({ template }) {
	const { icon } = template.spec;
	if (icon && (icon.startsWith('data:image/') || (icon.startsWith('/') && !icon.startsWith('//')))) {
		return html`<img class="template-icon" src=${icon} alt="" />`;
	}
	const letters = titleOf(template).split(/\s+/).map((word) => word[0]).join('').slice(0, 2).toUpperCase();
	return html`<span class="template-icon" aria-hidden="true" style=${{ '--hue': hueOf(template.name) }}>${letters}</span>`;
}

export function NoTemplates() {
	const admin = may('platform_admin', 'org_admin');
	return html`<${Empty} icon="grid" title="There is nothing to start yet"
		action=${admin && html`<a class="button primary" href="/admin/new-template">Add a template</a>`}>
		${admin ? 'A template says what a session runs. Add the first one.' : 'Templates say what a session runs. Ask an administrator of your organisation to add one.'}
	<//>`;
}

export function TemplateGrid({ templates }) {
	return html`<ul class="grid templates" aria-label="Templates">
		${templates.map((template) => html`<li key=${template.name} class="card template">
			<${TemplateIcon} template=${template} />
			<div class="grow">
				<h3><a class="cover" href=${`/catalog/${template.name}`}>${titleOf(template)}</a></h3>
				<p class="muted small">${template.spec.description || template.name}</p>
				${(template.spec.category || template.spec.tags?.length > 0) && html`<p class="tags">
					${[template.spec.category, ...(template.spec.tags || [])].filter(Boolean).slice(0, 4).map((tag) => html`<span key=${tag} class="tag">${tag}</span>`)}
				</p>`}
			</div>
		</li>`)}
	</ul>`;
}
