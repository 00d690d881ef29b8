// How much of a limit is used, as words and as a bar. The words alone say everything.
import { html } from './html.js';

const NEARLY = 0.9;

export function Meter({ label, used, limit, format = String, compact }) {
	const share = limit > 0 ? Math.min(1, used / limit) : Number(used > 0);
	const bounded = limit !== null && limit !== undefined;
	const tone = !bounded || share < NEARLY ? '' : used >= limit ? 'full' : 'nearly';
	const words = bounded ? `${format(used)} of ${format(limit)}` : `${format(used)}, no limit`;
	return html`<span class=${`meter ${compact ? 'compact' : ''}`}>
		${!compact && html`<span class="meter-label">${label}</span>`}
		<span class="meter-words">${words}</span>
		${bounded && html`<span class="meter-bar" role="meter" aria-label=${label} aria-valuemin="0" aria-valuemax=${limit}
			aria-valuenow=${Math.min(used, limit)} aria-valuetext=${words}>
			<span class=${`meter-fill ${tone}`} style=${{ width: `${share * 100}%` }}></span></span>`}
	</span>`;
}
