/*
 * driver_kubernetes: the parts of the Kubernetes driver that its files share. Nobody else
 * includes this.
 *
 *   driver_kubernetes.c            the table, open and close
 *   driver_kubernetes_command.c    the operations: what a command makes of the cluster
 *   driver_kubernetes_object.c     the objects of a session, as documents
 *   driver_kubernetes_template.c   the Template resource; hashes of specs
 *   driver_kubernetes_home.c       homes, which outlive sessions
 *   driver_kubernetes_owner.c      the installation's ConfigMap; is this object ours?
 *   driver_kubernetes_cache.c      what the watches saw, by session
 *   driver_kubernetes_pod.c        what a pod's status means
 *   driver_kubernetes_policy.c     where pods may run, and with what
 *   driver_kubernetes_network.c    whether strangers reach desktops
 *   driver_kubernetes_dial.c       connections to desktops, for viewers
 *   driver_kubernetes_status.c     reports to the control plane, status of the resources
 *   driver_kubernetes_connection.c viewers as Connection resources, last input of sessions
 *   driver_kubernetes_inventory.c  the inventory
 *
 * Names are deterministic: Session, Deployment and Service are called like the session, the claim
 * like its home. Labels say whose an object is; only the label `revision` ever changes, and it
 * never stands in a pod, so that repeating a command restarts nothing.
 * A session's Deployment and Service belong to the ConfigMap of the installation and never to a
 * custom resource: deleting those stops nothing.
 */
#ifndef AGENT_DRIVER_KUBERNETES_H
#define AGENT_DRIVER_KUBERNETES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "agent/driver.h"
#include "agent/kube_map.h"
#include "agent/kube_object.h"
#include "agent/kube_watch.h"
#include "agent/options.h"
#include "common/crypto.h"

#define K8S_INSTALLATION "streamspace-installation"
#define K8S_MANAGER "streamspace-agent"
#define K8S_LABEL_SESSION "stream.space/session-id"
#define K8S_LABEL_AGENT "stream.space/agent-id"
#define K8S_LABEL_HOME "stream.space/home-id"
#define K8S_LABEL_REVISION "stream.space/revision"
#define K8S_LABEL_INSTALLATION "stream.space/installation-id"
#define K8S_LABEL_ORG "stream.space/org"
#define K8S_LABEL_MANAGER "app.kubernetes.io/managed-by"
#define K8S_NOTE_DESIRED "stream.space/desired-state" /* running hibernated stopped terminated */
#define K8S_NOTE_STATE "stream.space/state" /* the database's, when the command was made */
#define K8S_NOTE_REASON "stream.space/reason"
#define K8S_NOTE_MESSAGE "stream.space/message"
#define K8S_NOTE_SPEC "stream.space/spec-hash" /* of the spec as we wrote it */

#define K8S_NAME_SIZE 254
#define K8S_ID_SIZE 64
#define K8S_DEFAULT_PORT 5900

typedef enum k8s_pod_state
{
	K8S_POD_WAITING,
	K8S_POD_READY,
	K8S_POD_FAILED, /* will not become ready by itself */
	K8S_POD_ENDED,  /* Succeeded, Failed, evicted: another takes its place */
	K8S_POD_ENDING, /* is being deleted */
} k8s_pod_state;

typedef struct k8s_pod
{
	struct k8s_pod *next;
	char name[K8S_NAME_SIZE];
	k8s_pod_state state;
	char ip[64];
	char reason[DRIVER_REASON_SIZE];
	char message[DRIVER_MESSAGE_SIZE];
} k8s_pod;

/* What the watches saw of one session. */
typedef struct k8s_session
{
	char id[K8S_ID_SIZE];
	struct
	{
		bool there;
		bool deleting;
		char uid[DRIVER_UID_SIZE];
		int64_t revision;
		long long replicas;
		int port;
		bool refused;                    /* its pods are refused for good */
		char reason[DRIVER_REASON_SIZE]; /* why it can make no pod; "" = it can */
		char message[DRIVER_MESSAGE_SIZE];
	} deployment;
	struct
	{
		bool there;
		char uid[DRIVER_UID_SIZE];
		int64_t revision;
		int64_t generation;
		bool drifted; /* the spec is not what we wrote */
		char desired[16];
		char state[DRIVER_STATE_SIZE];
		char reason[DRIVER_REASON_SIZE];
		char message[DRIVER_MESSAGE_SIZE];
		cJSON *status;
	} resource;
	k8s_pod *pods;
	char told[512]; /* what the control plane was told last */
	bool dirty;
	struct k8s_session *next_dirty;
	char wanted[16]; /* what the last command of this process said; "" = none yet */
	bool busy;       /* a command is at work on it: what is missing now is not lost */
	/* A part is lost: when the control plane was asked for the command, and when to ask again. */
	long long asked_ms;
	long long ask_again_ms; /* 0: nothing is lost */
} k8s_session;

/* What the parts together mean. */
typedef struct k8s_view
{
	const char *state;  /* starting running hibernating hibernated failed; NULL: no compute */
	const char *reason; /* may be NULL; all texts live as long as the session's lock is held */
	const char *message;
	const k8s_pod *pod; /* that serves it, or that says why not; may be NULL */
	int64_t revision;
} k8s_view;

/* What the agent says about all pods; the lists are the options' own texts. */
typedef struct k8s_policy
{
	cJSON *node_selector; /* an object */
	cJSON *tolerations;   /* an array, or NULL */
	const char *runtime_classes;
	const char *priority_classes;
	const char *pull_secrets;
} k8s_policy;

typedef enum k8s_network
{
	K8S_NETWORK_UNKNOWN,
	K8S_NETWORK_CLOSED, /* a stranger did not reach a desktop */
	K8S_NETWORK_OPEN,
} k8s_network;

enum
{
	K8S_WATCH_SESSIONS,
	K8S_WATCH_TEMPLATES,
	K8S_WATCH_DEPLOYMENTS,
	K8S_WATCH_PODS,
	K8S_WATCHES,
};

/* The projector's thread alone. */
typedef struct k8s_projection
{
	int budget;          /* writes that are left of this call */
	int wanted;          /* that this call would have made */
	bool behind;         /* was logged */
	long long failed_ms; /* when a failure was logged last */
	long long logged_ms; /* when a backlog was */
} k8s_projection;

struct driver_instance
{
	driver_host host; /* a copy: the caller's may be gone after open */
	kube_client *client;
	char name_space[K8S_NAME_SIZE];
	char agent_id[K8S_ID_SIZE];
	char home_size[32];
	char home_class[K8S_NAME_SIZE];
	k8s_policy policy;

	pthread_mutex_t lock;   /* guards all below */
	pthread_cond_t changed; /* the cache, or `closing`; CLOCK_MONOTONIC */
	kube_map sessions;      /* id -> k8s_session */
	k8s_session *dirty;
	k8s_session **dirty_end;
	unsigned synced; /* a bit for each watch that has reported a full list */
	bool closing;
	k8s_network network;
	long long look_ms; /* when to look for sessions that stay lost */

	pthread_mutex_t owner_lock; /* guards these; held during the requests that find them */
	char installation[DRIVER_INSTALLATION_SIZE];
	char owner_uid[DRIVER_UID_SIZE];
	long long owner_seen_ms;

	kube_watch *watch[K8S_WATCHES];
	kube_watch *viewers;     /* of Connection resources */
	kube_map connections;    /* name -> cJSON, as the watch saw it; under lock */
	bool connections_synced; /* likewise */
	k8s_projection projection;
	pthread_t reporter;
	bool reporting;
	pthread_t prober;
	bool probing;
};

/* Whether a text is there and is this one. */
static inline bool k8s_is(const char *text, const char *want)
{
	return text != NULL && strcmp(text, want) == 0;
}

/* A scope for requests until deadline_ms (CLOCK_MONOTONIC; 0: the client's patience). */
kube_scope k8s_scope(driver_instance *driver, long long deadline_ms);

/* ---- owner ---- */

/*
 * Finds or makes the ConfigMap of the installation that the command names. Codes:
 * installation_mismatch, installation_unknown, and the client's.
 */
int k8s_owner_find(driver_instance *driver, const driver_command *command, long long deadline_ms,
	char ret_installation[DRIVER_INSTALLATION_SIZE], char ret_uid[DRIVER_UID_SIZE],
	ss_error *err) SS_MUST_CHECK;

/* 0 when the object carries this installation's, this agent's and this session's labels (session
 * may be NULL); code foreign_object otherwise. */
int k8s_owner_check(driver_instance *driver, const kube_kind *kind, const cJSON *object,
	const char *installation, const char *session, ss_error *err) SS_MUST_CHECK;

/* Whether owner_uid is among the object's owners. */
bool k8s_owner_is(const cJSON *object, const char *owner_uid);

/* ---- objects: all return a new document, or NULL with *err filled ---- */

typedef struct k8s_plan
{
	driver_instance *driver;
	const cJSON *payload;
	const cJSON *spec; /* of the template; NULL when the command has none */
	char id[K8S_ID_SIZE];
	char home[K8S_ID_SIZE];    /* that the command names; "" = none */
	char claim[K8S_NAME_SIZE]; /* of the home; "" = none, or not looked for yet */
	char installation[DRIVER_INSTALLATION_SIZE];
	char owner_uid[DRIVER_UID_SIZE];
	const char *desired; /* running hibernated stopped terminated */
	int64_t revision;
	int port;
	long long deadline_ms; /* CLOCK_MONOTONIC */
} k8s_plan;

cJSON *k8s_object_session(const k8s_plan *plan, const char *uid, ss_error *err);
cJSON *k8s_object_claim(const k8s_plan *plan, ss_error *err);
cJSON *k8s_object_service(const k8s_plan *plan, const char *uid, ss_error *err);
cJSON *k8s_object_deployment(const k8s_plan *plan, const char *uid, int replicas, ss_error *err);
cJSON *k8s_object_template(const k8s_plan *plan, const char *name, const char *uid, ss_error *err);
/* NAME-home */
void k8s_object_claim_name(const char *session, char ret[K8S_NAME_SIZE]);
/* Hash of a value, the same in whatever order its members stand. */
int k8s_hash(const cJSON *value, char ret[SS_HEX_SIZE], ss_error *err) SS_MUST_CHECK;
/*
 * Applies a Session or Template, and takes away what others added to its spec. ret (may be NULL)
 * is the object after the apply.
 */
int k8s_object_apply(const kube_scope *scope, const kube_kind *kind, cJSON *document, cJSON **ret,
	ss_error *err) SS_MUST_CHECK;
/* Whether the spec of a Session or Template is not what we wrote. */
bool k8s_object_has_drifted(const cJSON *object);
int64_t k8s_object_revision(const cJSON *object); /* 0: none */
/* The port of the desktop that a template names. */
int k8s_object_port(const cJSON *spec);

/* ---- homes ---- */

bool k8s_home_is_id(const char *id);
/* Finds or makes the claim that the session shall have; fills plan->claim. Code foreign_object. */
int k8s_home_ensure(k8s_plan *plan, const kube_scope *scope, ss_error *err) SS_MUST_CHECK;
/* Deletes the claim of a home; a missing one is fine. Codes home_in_use, foreign_object. */
int k8s_home_remove(const k8s_plan *plan, const char *home, ss_error *err) SS_MUST_CHECK;

/* ---- pods ---- */

void k8s_pod_read(const cJSON *object, k8s_pod *ret);
/*
 * Why a Deployment can make no pod: its condition ReplicaFailure. "" and false when it can; refused
 * when nothing but a change of the namespace or of the template helps.
 */
void k8s_pod_read_refusal(const cJSON *deployment, char reason[DRIVER_REASON_SIZE],
	char message[DRIVER_MESSAGE_SIZE], bool *ret_refused);

/* Code invalid_option, kube_file_unreadable. */
int k8s_policy_open(const agent_options *options, k8s_policy *ret, ss_error *err) SS_MUST_CHECK;
void k8s_policy_done(k8s_policy *policy);
/*
 * Adds what the policy and the template's `pod` say to the spec of a pod. Codes:
 * runtime_class_not_allowed, priority_class_not_allowed, pull_secret_not_allowed,
 * node_selector_conflict.
 */
int k8s_policy_add(
	const k8s_policy *policy, const cJSON *spec, cJSON *pod, ss_error *err) SS_MUST_CHECK;
int k8s_policy_check(const k8s_policy *policy, const cJSON *spec, ss_error *err) SS_MUST_CHECK;

/* ---- cache; the lock is held unless said ---- */

void k8s_cache_init(driver_instance *driver);
void k8s_cache_done(driver_instance *driver);
k8s_session *k8s_cache_find(driver_instance *driver, const char *id);
void k8s_cache_view(const k8s_session *session, k8s_view *ret);
/* The handler of all watches; takes the lock itself. */
void k8s_cache_event(void *ctx, const kube_kind *kind, kube_event event, const cJSON *object);
void k8s_cache_synced(void *ctx, const kube_kind *kind);
void k8s_cache_mark(driver_instance *driver, k8s_session *session);
bool k8s_cache_is_complete(const driver_instance *driver);
/* running hibernated stopped terminated, by the last command or by the resource; "" = unknown. */
const char *k8s_cache_wanted(const k8s_session *session);
/*
 * Around the work of a command, so that what it deletes, or has not made yet, is not taken for
 * lost. A command that failed and left nothing (done false) is forgotten. Both take the lock.
 */
int k8s_cache_begin(
	driver_instance *driver, const char *id, const char *wanted, ss_error *err) SS_MUST_CHECK;
void k8s_cache_end(driver_instance *driver, const char *id, bool done);
/* Forgets a session of which nothing is left; false when something is. */
bool k8s_cache_forget(driver_instance *driver, k8s_session *session);

/* ---- viewers as resources ---- */

/* The handler of the watch; takes the lock itself. */
void k8s_connection_event(void *ctx, const kube_kind *kind, kube_event event, const cJSON *object);
void k8s_connection_synced(void *ctx, const kube_kind *kind);
void k8s_connection_project(driver_instance *driver, const cJSON *viewers);

/* ---- reports ---- */

void *k8s_status_run(void *driver); /* the reporter's thread */
/* Writes the status of a template's resource. */
int k8s_status_template(const kube_scope *scope, const cJSON *object, ss_error *err) SS_MUST_CHECK;

/* ---- network ---- */

void *k8s_network_run(void *driver); /* the prober's thread */
/* open or closed; NULL: not known. Takes the lock. The second is only the name. */
const char *k8s_network_state(driver_instance *driver);
const char *k8s_network_name(k8s_network network);

/* ---- viewers ---- */

int k8s_dial(
	driver_instance *driver, const char *session_id, int *ret_fd, ss_error *err) SS_MUST_CHECK;

/* ---- operations ---- */

int k8s_command_session(
	driver_instance *, const driver_command *, driver_result *ret, ss_error *err) SS_MUST_CHECK;
int k8s_command_apply(
	driver_instance *, const driver_command *, driver_result *ret, ss_error *err) SS_MUST_CHECK;
int k8s_command_remove(
	driver_instance *, const driver_command *, driver_result *ret, ss_error *err) SS_MUST_CHECK;
int k8s_inventory(driver_instance *, driver_inventory *ret, ss_error *err) SS_MUST_CHECK;

#endif
