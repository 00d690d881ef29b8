// An address that shows nothing.
import { html } from '../lib/html.js';
import { Empty, Page } from '../lib/page.js';

export default function NotFound() {
	return html`<${Page} title="There is no such page">
		<${Empty} icon="search" title="Nothing is at this address" action=${html`<a class="button primary" href="/">To my sessions</a>`}>
			The link may be old, or mistyped.
		<//>
	<//>`;
}
