// axe-core on the page as it is now: {rule, what, where} for each finding.
import { axeSource } from './modules.js';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function axe(page) {
	if (!await page.evaluate(() => 'axe' in window)) {
		await page.evaluate(axeSource());
	}
	return page.evaluate(async (tags) => {
		const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, preload: false });
		return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => ({ rule: id, help, where: node.target.join(' '), why: node.failureSummary })));
	}, TAGS);
}

// Elements that reach beyond the right edge, when the page can be scrolled sideways.
export function tooWide(page) {
	return page.evaluate(() => {
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) {
			return [];
		}
		const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1);
		return wide.slice(0, 5).map((element) => `${element.tagName.toLowerCase()}.${element.className}: ${Math.round(element.getBoundingClientRect().right)} > ${width}`);
	});
}
