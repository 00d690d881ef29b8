// Going through a page by keyboard alone.
import { show } from './tap.js';

const describe = (page) => page.evaluate(() => {
	const now = document.activeElement;
	return `${now.tagName.toLowerCase()} "${(now.getAttribute('aria-label') || now.textContent || '').trim().slice(0, 40)}"`;
});

// Presses Tab until the element has the focus, at most so many times; the places on the way.
export async function tabTo(page, target, { most = 60, key = 'Tab' } = {}) {
	await target.first().waitFor();
	const way = [];
	for (let count = 0; count <= most; count++) {
		if (await target.first().evaluate((element) => element === document.activeElement)) {
			return way;
		}
		await page.keyboard.press(key);
		way.push(await describe(page));
	}
	throw new Error(`Tab does not lead to ${target}: ${show(way)}`);
}

// Whether one can see where the focus is: an outline, a shadow or another border or background than without it.
export function focusIsVisible(page) {
	return page.evaluate(() => {
		const element = document.activeElement;
		const look = (node) => {
			const style = getComputedStyle(node);
			return [style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 ? style.outline : '', style.boxShadow, style.borderColor, style.backgroundColor].join();
		};
		const parent = element.closest('label') || element;
		const focused = [look(element), look(parent)].join();
		element.blur();
		const plain = [look(element), look(parent)].join();
		element.focus({ focusVisible: true });
		return focused !== plain;
	});
}
