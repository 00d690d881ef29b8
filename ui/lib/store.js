// A value that components can watch.
import { useEffect, useState } from 'preact/hooks';

export function createStore(value) {
	const watchers = new Set();
	return {
		get: () => value,
		set(next) {
			if (Object.is(next, value)) {
				return;
			}
			value = next;
			for (const watcher of [...watchers]) {
				watcher(value);
			}
		},
		watch(watcher) {
			watchers.add(watcher);
			return () => watchers.delete(watcher);
		},
	};
}

export function useStore(store) {
	const [value, setValue] = useState(() => store.get());
	useEffect(() => {
		setValue(() => store.get());
		return store.watch((next) => setValue(() => next));
	}, [store]);
	return value;
}
