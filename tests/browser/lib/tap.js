// TAP for the browser tests: the same words as tests/e2e/tap.py.
import { isDeepStrictEqual, inspect } from 'node:util';

export const show = (value) => inspect(value, { depth: 5, breakLength: 160, maxStringLength: 1500 });

export function diag(text) {
	for (const line of String(text).split('\n')) {
		console.log(`# ${line}`);
	}
}

export class Tap {
	count = 0;
	failed = 0;

	ok(condition, name) {
		this.count += 1;
		if (!condition) {
			this.failed += 1;
		}
		console.log(`${condition ? 'ok' : 'not ok'} ${this.count} - ${String(name).replaceAll('#', 'no.')}`);
		return Boolean(condition);
	}

	eq(got, want, name) {
		const good = this.ok(isDeepStrictEqual(got, want), name);
		if (!good) {
			diag(`got:  ${show(got)}\nwant: ${show(want)}`);
		}
		return good;
	}

	like(got, pattern, name) {
		const good = this.ok(pattern.test(String(got)), name);
		if (!good) {
			diag(`got:     ${show(got)}\npattern: ${pattern}`);
		}
		return good;
	}

	fail(name, why) {
		this.ok(false, name);
		diag(why);
	}

	// Prints the plan; the exit status.
	done() {
		console.log(`1..${this.count}`);
		return this.failed || !this.count ? 1 : 0;
	}
}
