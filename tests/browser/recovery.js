#!/usr/bin/env node
// What breaks comes back in the page: the agent killed, the server restarted, a session that hibernates under its viewer and is
// woken by opening it, one that is terminated.
import { test, TERMINAL } from './lib/test.js';
import { waitFor } from './lib/wait.js';
import { Sessions } from './pages/sessions.js';
import { Shell } from './pages/shell.js';
import { Viewer } from './pages/viewer.js';

async function agentKilled(t, stage, viewer) {
	const pids = await stage.sessionPids(viewer.session);
	await stage.killAgent();
	await viewer.wait('reconnecting');
	t.ok(true, 'kill -9 of the agent: the viewer says that it connects again');
	await stage.startAgent();
	await viewer.ready();
	await viewer.prove(stage, 'after-kill');
	t.ok(true, 'the agent is back: the same page goes on by itself, and typing has its effect');
	const now = new Set(await stage.sessionPids(viewer.session));
	t.ok(pids.length > 0 && pids.every((pid) => now.has(pid)), 'the desktop went on meanwhile: the same processes');
}

async function serverRestarted(t, stage, viewer) {
	await stage.call('stop_server');
	await viewer.wait('reconnecting');
	await stage.call('start_again');
	await viewer.ready();
	await viewer.prove(stage, 'after-restart');
	t.ok(true, 'the server is started anew: the page goes on by itself');
}

async function hibernated(t, stage, rest, viewer, list) {
	await rest.post(`/sessions/${viewer.session}:hibernate`);
	await viewer.wait('ended', 'waking');
	t.eq(await viewer.state(), 'ended', 'hibernated under its viewer: that ends, and does not wake it again');
	await list.open();
	await list.state(viewer.session, 'Hibernated');
	t.eq(await stage.sessionPids(viewer.session), [], 'no process of it is left');

	const states = [];
	await viewer.page.exposeFunction('tellState', (state) => states.push(state));
	await viewer.page.addInitScript(() => {
		let last = null;
		new MutationObserver(() => {
			const now = document.querySelector('[data-viewer-state]')?.dataset.viewerState;
			if (now && now !== last) {
				last = now;
				window.tellState(now);
			}
		}).observe(document, { subtree: true, childList: true, attributes: true });
	});
	await viewer.open();
	await viewer.wait('waking', 'connecting', 'connected');
	await viewer.ready();
	t.ok(states.indexOf('waking') >= 0 && states.indexOf('waking') < states.indexOf('connected'), 'opened again, it wakes and shows its progress');
	await viewer.prove(stage, 'after-wake');
	t.ok(await stage.homeFile(viewer.session, 'after-kill'), 'its home is the same');
}

async function live(t, rest, viewer, tab) {
	const list = new Sessions(tab);
	await list.open();
	await list.state(viewer.session, 'Running');
	await rest.post(`/sessions/${viewer.session}:hibernate`);
	await list.state(viewer.session, 'Hibernated');
	t.ok(true, 'the list follows what happens elsewhere');
	await list.act(viewer.session, 'Wake');
	await list.state(viewer.session, 'Running');
	t.ok(true, 'woken from the list');
	return list;
}

async function terminated(t, stage, viewer, list) {
	await viewer.open();
	await viewer.ready();
	await list.act(viewer.session, 'Terminate');
	await list.confirm('Terminate');
	await viewer.wait('ended');
	await waitFor('its processes to end', async () => (await stage.sessionPids(viewer.session)).length === 0);
	t.ok(true, 'terminated from the list: the viewer in the other tab ends, and so do the processes');
}

test(async ({ t, stage, visit }) => {
	await stage.template('terminal', TERMINAL);
	const ada = await stage.user('ada');
	const session = await ada.rest.start('terminal');
	const ours = await visit();
	ours.watch.allow(/^WebSocket connection to .* failed/);
	ours.watch.allow(/net::ERR_CONNECTION_REFUSED|status of 503/);
	await new Shell(ours.page).logIn(ada);
	const viewer = new Viewer(ours.page, session);
	await viewer.open();
	await viewer.ready();
	await agentKilled(t, stage, viewer);
	await serverRestarted(t, stage, viewer);
	await hibernated(t, stage, ada.rest, viewer, new Sessions(await ours.open()));
	const list = await live(t, ada.rest, viewer, await ours.open());
	await terminated(t, stage, viewer, list);
});
