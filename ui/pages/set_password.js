// Setting a password with the one-time token of a link. The token stands behind the # of the address, which browsers do
// not send, and is taken out of it at once.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../lib/api.js';
import { Form } from '../lib/form.js';
import { html } from '../lib/html.js';
import { navigate } from '../lib/router.js';
import { notify } from '../lib/toast.js';
import { Front } from './login.js';

export default function SetPassword() {
	const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') || '');
	useEffect(() => {
		if (token) {
			window.history.replaceState(null, '', '/set-password');
		}
	}, []);
	const submit = async (values) => {
		if (values.password !== values.again) {
			throw Object.assign(new Error(), { pointer: '/again', detail: 'is not the same as the new password' });
		}
		const { user } = await api.post('/set-password', { token: values.token, password: values.password });
		notify('The password is set. Log in with it.');
		navigate(`/login?user=${encodeURIComponent(user.name)}&org=${encodeURIComponent(user.org)}`);
	};
	const fields = [
		{ name: 'token', label: 'One-time token', required: true, value: token, pattern: '[0-9a-f]{64}',
			patternHelp: 'has 64 characters, 0 to 9 and a to f', help: token ? 'Taken from your link.' : 'From the link or message of your administrator.' },
		{ name: 'password', label: 'New password', type: 'password', required: true, minLength: 8, maxLength: 1024,
			autocomplete: 'new-password', help: 'At least 8 characters. A few words in a row are good.' },
		{ name: 'again', label: 'New password again', type: 'password', required: true, autocomplete: 'new-password' },
	];
	return html`<${Front} title="Set your password" lead="With the one-time token that you were given.">
		<${Form} fields=${fields} submit="Set the password" onSubmit=${submit} />
		<p class="small"><a href="/login">To the log-in</a></p>
	<//>`;
}
