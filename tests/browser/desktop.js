#!/usr/bin/env node
// In front of one desktop: keys, pixels, mouse, size of the screen, clipboard both ways, special keys, full screen.
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Shell } from './pages/shell.js';
import { Viewer } from './pages/viewer.js';

async function pixels(t, stage, viewer) {
	const before = await viewer.fingerprint();
	await viewer.prove(stage);
	await waitFor('other pixels', async () => (await viewer.fingerprint()) !== before);
	t.ok(true, 'what is typed changes the pixels of the canvas');
	await viewer.type('cat > ~/exact\n');
	const text = 'The quick (brown) fox; jumps "over" {the} lazy dog? ~ 0123456789 + - * / = < > | & % $ @ ! ^ _ \\ \' ` [ ] : ,';
	await viewer.type(`${text}\n`);
	await viewer.page.keyboard.press('Control+d');
	await waitFor('the text', () => viewer.reads(stage, 'exact', text));
	t.ok(true, 'every character arrives as it was typed, and Control with a letter too');
}

async function sizes(t, stage, viewer) {
	const { page } = viewer;
	const fits = async ([width, height]) => {
		const now = await viewer.size();
		return now[0] <= width && now[0] > width - 200 && now[1] <= height && now[1] > height - 200 && now;
	};
	const large = await waitFor('the remote screen to fill the window', () => fits([1280, 800]));
	t.eq(await stage.screenSize(viewer.session), large, 'the remote screen, made as 1024 x 768, takes the size of the window; its VNC server says the same');
	await page.setViewportSize({ width: 900, height: 640 });
	const small = await waitFor('the remote screen to follow', () => fits([900, 640]));
	t.eq(await stage.screenSize(viewer.session), small, 'it follows the window');
	await viewer.scaling('Scale');
	await page.setViewportSize({ width: 1280, height: 800 });
	await waitFor('the picture to fill the window', async () => (await viewer.canvas.boundingBox()).width > small[0] * 1.1);
	t.eq(await viewer.size(), small, 'scaled to fit, the picture grows with the window and the remote screen stays');
}

async function clipboard(t, stage, viewer) {
	await viewer.sendClipboard('from the page: grüße');
	await viewer.click();
	await viewer.type('clear; cat > ~/pasted\n');
	await viewer.still();
	const before = await viewer.fingerprint();
	await viewer.click(0.5, 0.5, { button: 'middle' });
	await waitFor('the text to be pasted', async () => (await viewer.fingerprint()) !== before);
	await viewer.type('\n');
	await viewer.page.keyboard.press('Control+d');
	await waitFor('the pasted text', () => viewer.reads(stage, 'pasted', 'from the page: grüße'));
	t.ok(true, 'text sent to the clipboard is pasted in the session');

	await viewer.sendClipboard(`the beginning\n${'€'.repeat(59)}\n`.padEnd(300000, 'x'.repeat(59) + '\n'), { atOnce: true });
	await viewer.page.getByText('Only the beginning was sent').waitFor();
	await viewer.click();
	await viewer.type('clear; (head -n 1 > ~/long; cat > /dev/null)\n');
	await viewer.still();
	await viewer.click(0.5, 0.5, { button: 'middle' });
	await waitFor('its first line', () => viewer.reads(stage, 'long', 'the beginning'));
	await viewer.still();
	await viewer.type('\n'); // it was cut within a line
	await viewer.page.keyboard.press('Control+d');
	await viewer.prove(stage, 'after-long');
	t.ok(true, 'of a text that is too long for the session its beginning is sent, and that is said');

	const word = `copied${Date.now()}`;
	await viewer.type(`clear; yes ${word} | head -n 60\n`);
	await viewer.still();
	await waitFor('the word in the clipboard of the page', async () => {
		await viewer.click(0.05, 0.4, { clickCount: 2 });
		return (await viewer.clipboardText()).trim() === word;
	});
	t.ok(true, 'a word selected in the session is in the clipboard of the page');
}

async function keys(t, stage, viewer) {
	await viewer.click();
	await viewer.type('cat -v > ~/keys\n');
	await viewer.key('Escape');
	await viewer.key('Tab');
	await viewer.click();
	await viewer.type('x\n');
	await viewer.page.keyboard.press('Control+d');
	const found = await waitFor('the special keys', async () => (await stage.homeFile(viewer.session, 'keys'))?.includes('x') && stage.homeFile(viewer.session, 'keys'));
	t.eq(found, '^[\tx\n', 'special keys of the menu arrive');
}

async function fullScreen(t, viewer) {
	await viewer.button('Full screen').click();
	await viewer.page.waitForFunction(() => document.fullscreenElement !== null);
	await viewer.page.evaluate(() => document.exitFullscreen());
	await viewer.page.waitForFunction(() => document.fullscreenElement === null);
	t.ok(true, 'the screen fills the display, and comes back');
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	const ada = await stage.user('ada');
	const session = await ada.rest.start('terminal');
	const { page } = await visit();
	await new Shell(page).logIn(ada);
	const viewer = new Viewer(page, session);
	await viewer.open();
	await viewer.ready();
	await pixels(t, stage, viewer);
	await clipboard(t, stage, viewer);
	await keys(t, stage, viewer);
	await fullScreen(t, viewer);
	await sizes(t, stage, viewer);
});
