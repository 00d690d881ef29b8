// The library that draws a session's screen: large, and needed by the viewer only.
export const library = () => import('@novnc/novnc');

// Fetches it and the viewer ahead of time, when the browser has nothing else to do, so that opening a session is quick.
export function prepareViewer() {
	const wait = window.requestIdleCallback || ((act) => setTimeout(act, 500));
	wait(() => Promise.all([library(), import('./viewer.js')]).catch(() => null));
}
