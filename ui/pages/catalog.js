// The catalog: everything that one may start, with a search.
import { useState } from 'preact/hooks';
import { ErrorBox } from '../lib/error_box.js';
import { html } from '../lib/html.js';
import { Icon } from '../lib/icons.js';
import { Empty, Page, Spinner } from '../lib/page.js';
import { NoTemplates, TemplateGrid, titleOf, useTemplates } from './template_grid.js';

const SHOWN = 120; // cards drawn at once; a search narrows down the rest

function wordsOf(template) {
	const { description = '', category = '', tags = [] } = template.spec;
	return [template.name, titleOf(template), description, category, ...tags].join(' ').toLowerCase();
}

export default function Catalog() {
	const { items, error, loading, refresh } = useTemplates();
	const [text, setText] = useState('');
	const [category, setCategory] = useState('');
	const categories = [...new Set(items.map((template) => template.spec.category).filter(Boolean))].sort();
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const found = items.filter((template) => (!category || template.spec.category === category)
		&& words.every((word) => wordsOf(template).includes(word)));
	const clear = () => {
		setText('');
		setCategory('');
	};
	return html`<${Page} title="Catalog" lead="Choose what to start.">
		<${ErrorBox} error=${error} retry=${refresh} />
		${loading && html`<${Spinner} />`}
		${!loading && !error && items.length === 0 && html`<${NoTemplates} />`}
		${items.length > 0 && html`<search class="toolbar">
			<label class="search"><span class="hidden-text">Search the catalog</span><${Icon} name="search" />
				<input type="search" placeholder="Search" value=${text} onInput=${(event) => setText(event.target.value)} /></label>
			${categories.length > 1 && html`<label><span class="hidden-text">Category</span>
				<select value=${category} onChange=${(event) => setCategory(event.target.value)}>
					<option value="">All categories</option>
					${categories.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
				</select></label>`}
			<span class="muted small" role="status">${found.length === items.length ? `${items.length} templates` : `${found.length} of ${items.length}`}</span>
		</search>
		${found.length > 0 ? html`<h2 class="hidden-text">Templates</h2><${TemplateGrid} templates=${found.slice(0, SHOWN)} />`
			: html`<${Empty} icon="search" title="Nothing found" action=${html`<button type="button" class="button" onClick=${clear}>Show all</button>`}>
				No template fits this search.<//>`}
		${found.length > SHOWN && html`<p class="muted">The first ${SHOWN} are shown; search to find the others.</p>`}`}
	<//>`;
}
