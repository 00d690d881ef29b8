// Light, dark, or as the system is. Loaded before the page is drawn, so it is no module.
(() => {
	const KEY = 'streamspace-theme';
	const root = document.documentElement;

	const apply = (theme) => {
		if (theme === 'light' || theme === 'dark') {
			root.dataset.theme = theme;
		} else {
			delete root.dataset.theme;
		}
	};

	let saved = null;
	try {
		saved = localStorage.getItem(KEY);
	} catch {
		// Storage is switched off: as the system is.
	}
	apply(saved);

	window.streamspaceTheme = {
		get: () => root.dataset.theme || 'system',
		set(theme) {
			apply(theme);
			try {
				localStorage.setItem(KEY, theme);
			} catch {
				// It holds for this visit.
			}
		},
	};
})();
