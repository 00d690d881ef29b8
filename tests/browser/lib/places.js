// Every page of the product, as [address, who]: what tests that look at all of them walk through.
export const places = ({ session, ended }) => [
	['/login', 'nobody'], ['/set-password', 'nobody'],
	['/', 'user'], ['/catalog', 'user'], ['/catalog/studio', 'user'], [`/sessions/${session}`, 'user'], [`/sessions/${ended}`, 'user'],
	[`/view/${session}`, 'user'], ['/homes', 'user'], ['/api-keys', 'user'], ['/account', 'user'], ['/no/such/page', 'user'],
	['/admin/sessions', 'admin'], ['/admin/stuck', 'admin'], ['/admin/placement', 'admin'], ['/admin/agents', 'admin'], ['/admin/agents/agent-1', 'admin'],
	['/admin/users', 'admin'], ['/admin/users/ada', 'admin'], ['/admin/new-template', 'admin'], ['/admin/groups', 'admin'], ['/admin/groups/students', 'admin'],
	['/admin/quotas', 'admin'], ['/admin/policies', 'admin'], ['/admin/templates', 'admin'], ['/admin/templates/studio', 'admin'],
	['/admin/orgs', 'admin'], ['/admin/audit', 'admin'], ['/admin/settings', 'admin'],
];
