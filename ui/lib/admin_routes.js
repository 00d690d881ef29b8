// Where the administrators' pages are, and who sees them. The server decides what each may do; the menu only hides what it
// would refuse.
const ALL = ['platform_admin', 'org_admin', 'operator', 'auditor'];
const ADMINS = ['platform_admin', 'org_admin'];
const PLATFORM = ['platform_admin'];
const AUDIT = ['platform_admin', 'org_admin', 'auditor'];
const nav = (label, icon) => ({ label, icon, group: 'Administration' });

export const adminRoutes = [
	{ path: '/admin/sessions', load: () => import('../pages/admin_sessions.js'), roles: ALL, nav: nav('All sessions', 'list') },
	{ path: '/admin/stuck', load: () => import('../pages/admin_stuck.js'), roles: ALL, nav: nav('Stuck', 'alert') },
	{ path: '/admin/placement', load: () => import('../pages/admin_placement.js'), roles: ALL, nav: nav('Placement', 'place') },
	{ path: '/admin/agents', load: () => import('../pages/admin_agents.js'), roles: ALL, nav: nav('Agents', 'server') },
	{ path: '/admin/agents/:id', load: () => import('../pages/admin_agent.js'), roles: ALL },
	{ path: '/admin/users', load: () => import('../pages/admin_users.js'), roles: ALL, nav: nav('Users', 'person') },
	{ path: '/admin/users/:name', load: () => import('../pages/admin_user.js'), roles: ALL },
	{ path: '/admin/groups', load: () => import('../pages/admin_groups.js'), roles: ALL, nav: nav('Groups', 'people') },
	{ path: '/admin/groups/:name', load: () => import('../pages/admin_group.js'), roles: ALL },
	{ path: '/admin/quotas', load: () => import('../pages/admin_quotas.js'), roles: ALL, nav: nav('Quotas', 'gauge') },
	{ path: '/admin/policies', load: () => import('../pages/admin_policies.js'), roles: ALL, nav: nav('Policies', 'clock') },
	{ path: '/admin/templates', load: () => import('../pages/admin_templates.js'), roles: ALL, nav: nav('Templates', 'file') },
	{ path: '/admin/new-template', load: () => import('../pages/admin_new_template.js'), roles: ADMINS },
	{ path: '/admin/templates/:name', load: () => import('../pages/admin_template.js'), roles: ALL },
	{ path: '/admin/orgs', load: () => import('../pages/admin_orgs.js'), roles: PLATFORM, nav: nav('Organisations', 'building') },
	{ path: '/admin/audit', load: () => import('../pages/admin_audit.js'), roles: AUDIT, nav: nav('Audit', 'shield') },
	{ path: '/admin/settings', load: () => import('../pages/admin_settings.js'), roles: PLATFORM, nav: nav('Settings', 'settings') },
];
