#!/usr/bin/env node
// Two people at one desktop: shared by the page for looking on, then for control, then revoked; and a log-out that ends all.
import { expectAt } from './lib/expect.js';
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Session } from './pages/session.js';
import { Sessions } from './pages/sessions.js';
import { Shell } from './pages/shell.js';
import { Viewer } from './pages/viewer.js';

const CUT = 1000; // ms within which a viewer without access is cut; asserted at ten times that

async function lookingOn(t, stage, owner, guest) {
	const { viewer } = guest;
	await new Sessions(guest.page).open();
	await new Sessions(guest.page).card(viewer.session).waitFor();
	t.ok(true, 'who it is shared with finds it in his list');
	await viewer.open();
	await viewer.ready();
	await guest.page.getByText('View only').first().waitFor();
	t.ok(true, 'his viewer says that he looks on');

	const before = await viewer.fingerprint();
	await viewer.click();
	await viewer.type('\necho intruder > ~/intruder\n');
	await owner.viewer.prove(stage, 'owner');
	await waitFor('the same pixels', async () => (await viewer.fingerprint()) !== before);
	t.ok(true, 'he sees what the owner types');
	t.eq(await stage.homeFile(viewer.session, 'intruder'), null, 'what he types does nothing');
}

// A client of his own that takes no notice of the page: the control plane does not let his keys pass either.
async function byHand(t, stage, guest) {
	const { session } = guest.viewer;
	const sent = await guest.page.evaluate(async (id) => {
		const answer = await fetch(`/api/v1/sessions/${id}/viewer-tickets`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
		const { url } = await answer.json();
		const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + url);
		socket.binaryType = 'arraybuffer';
		let have = new Uint8Array();
		const more = () => new Promise((resolve, reject) => {
			socket.onmessage = (event) => {
				have = new Uint8Array([...have, ...new Uint8Array(event.data)]);
				resolve();
			};
			socket.onclose = reject;
		});
		const read = async (size) => {
			while (have.length < size) {
				await more();
			}
			const part = have.slice(0, size);
			have = have.slice(size);
			return part;
		};
		await read(12);
		socket.send(new TextEncoder().encode('RFB 003.008\n'));
		const [types] = await read(1);
		await read(types);
		socket.send(new Uint8Array([1]));
		await read(4);
		socket.send(new Uint8Array([1]));
		await read(24);
		for (const letter of '\necho intruder > ~/intruder\n') {
			const key = letter === '\n' ? 0xff0d : letter.charCodeAt(0);
			for (const down of [1, 0]) {
				socket.send(new Uint8Array([4, down, 0, 0, 0, 0, key >> 8, key & 255]));
			}
		}
		return true;
	}, session);
	await stage.ownerViewer.prove(stage, 'owner');
	t.eq([sent, await stage.homeFile(session, 'intruder')], [true, null], 'nor do the keys that a client of his own sends');
}

async function inControl(t, stage, owner, guest) {
	await owner.details.share('bob', 'Watch and use it');
	await guest.viewer.open();
	await guest.viewer.ready();
	await guest.viewer.prove(stage, 'guest');
	t.ok(true, 'shared for control, his typing counts');
}

async function revoked(t, owner, guest) {
	await owner.details.revoke('bob');
	const began = Date.now();
	await guest.viewer.wait('ended');
	const took = Date.now() - began;
	t.ok(took < CUT * 10, `revoked, his viewer ends after ${took} ms`);
	await guest.page.getByRole('heading', { level: 2, name: /access/i }).waitFor();
	t.ok(true, 'and it says why');
	t.eq(await owner.viewer.state(), 'connected', 'the owner goes on');
	await guest.viewer.open();
	await guest.page.getByRole('alert').or(guest.viewer.root).first().waitFor();
	await waitFor('a refusal', async () => (await guest.page.getByText('not_found').count()) > 0);
	t.ok(true, 'he does not get in again');
}

async function loggedOut(t, owner, second) {
	await second.logOut();
	const began = Date.now();
	await owner.page.waitForFunction(() => document.querySelector('[data-viewer-state]')?.dataset.viewerState !== 'connected');
	t.ok(Date.now() - began < CUT * 10, `a log-out in one tab ends the viewer in another, after ${Date.now() - began} ms`);
	await owner.page.reload();
	await expectAt(owner.page, 'Log in');
	t.ok(true, 'and the log-in everywhere');
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	const ada = await stage.user('ada');
	const bob = await stage.user('bob');
	const session = await ada.rest.start('terminal');
	const owner = await visit();
	const guest = await visit();
	for (const visitor of [owner, guest]) {
		visitor.watch.allow(/^WebSocket connection to .* failed/);
		visitor.viewer = new Viewer(visitor.page, session);
	}
	stage.ownerViewer = owner.viewer;
	await new Shell(owner.page).logIn(ada);
	await new Shell(guest.page).logIn(bob);
	await owner.viewer.open();
	await owner.viewer.ready();

	const tab = await owner.open();
	owner.details = new Session(tab, session);
	await owner.details.open();
	await owner.details.share('bob', 'Watch only');
	await lookingOn(t, stage, owner, guest);
	await byHand(t, stage, guest);
	await inControl(t, stage, owner, guest);
	await revoked(t, owner, guest);
	await loggedOut(t, owner, new Shell(tab));
});
