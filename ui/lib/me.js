// Who is logged in: undefined while that is not known yet, null when nobody is.
import { api, onLoggedOut } from './api.js';
import { onLive, startLive, stopLive } from './live.js';
import { createStore, useStore } from './store.js';

const me = createStore(undefined);

export const useMe = () => useStore(me);
export const currentMe = () => me.get();

export const ROLES = {
	platform_admin: 'Platform administrator',
	org_admin: 'Administrator',
	operator: 'Operator',
	user: 'User',
	auditor: 'Auditor',
};

// Whether the one who is logged in has one of these roles; without roles, whether anybody is.
export function may(...roles) {
	const now = me.get();
	return !!now && (roles.length === 0 || roles.includes(now.role));
}

// Everything except looking: auditors change nothing.
export const mayChange = () => may('platform_admin', 'org_admin', 'operator', 'user');

// Whether one acts on this session as on one's own.
export function isMine(session) {
	const now = me.get();
	return mayChange() && (now.role !== 'user' || (session.owner === now.name && session.org === now.org));
}

export async function loadMe() {
	try {
		me.set(await api.get('/me'));
		startLive();
	} catch (error) {
		if (error.status !== 401) {
			throw error;
		}
		forget();
	}
}

export async function logIn({ user, password, org }) {
	await api.post('/login', { user, password, org: org || undefined, cookie: true });
	await loadMe();
}

export async function logOut() {
	await api.post('/logout');
	forget();
}

function forget() {
	stopLive();
	me.set(null);
}

onLoggedOut(forget);
// Logged out elsewhere, switched off, or given another role: ask again who one is.
onLive({
	bye: (reason) => ['logged_out', 'access_revoked'].includes(reason) && loadMe().catch(() => null),
	gap: (reason) => reason === 'access_changed' && loadMe().catch(() => null),
});
