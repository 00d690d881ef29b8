/* rfb_client: a table of message types and a head that grows until the length is known. */
#include "server/rfb_client.h"

#include <string.h>

#define VERSION_LEN 12
#define RESPONSE_LEN 16
#define SECURITY_NONE 1
#define SECURITY_VNC 2
#define FENCE_PAYLOAD_MAX 64
#define QEMU_KEY 0

typedef enum message_kind
{
	KIND_VIEW,    /* anybody's */
	KIND_CONTROL, /* not for who only looks */
	KIND_INPUT,   /* nor this, and somebody is at work */
} message_kind;

/* Bytes behind the head; -1: malformed. The head is complete. */
typedef long long (*body_length)(const rfb_client *c);

typedef struct message
{
	unsigned char type;
	unsigned char head; /* bytes until the length is known; the whole of it when body is NULL */
	message_kind kind;
	body_length body;
} message;

static uint32_t read_u16(const unsigned char *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t read_u32(const unsigned char *at)
{
	return read_u16(at) << 16 | read_u16(at + 2);
}

static long long encodings_body(const rfb_client *c)
{
	return 4 * (long long)read_u16(c->head + 2);
}

/* A button mask with its highest bit set has a second byte (extended mouse buttons). */
static long long pointer_body(const rfb_client *c)
{
	return c->head[1] & 0x80 ? 5 : 4;
}

/* A negative length is that of the extended clipboard, which has at least its flags. */
static long long cut_text_body(const rfb_client *c)
{
	uint32_t len = read_u32(c->head + 4);

	if (len < 0x80000000u)
		return len;
	len = ~len + 1;
	return len >= 4 ? (long long)len : -1;
}

static long long fence_body(const rfb_client *c)
{
	return c->head[8] <= FENCE_PAYLOAD_MAX ? c->head[8] : -1;
}

static long long desktop_size_body(const rfb_client *c)
{
	return 16 * (long long)c->head[6];
}

/* Of QEMU's messages only the key event: the others have to do with sound. */
static long long qemu_body(const rfb_client *c)
{
	return c->head[1] == QEMU_KEY ? 10 : -1;
}

static const message messages[] = {
	{0, 20, KIND_VIEW, NULL},                  /* SetPixelFormat */
	{2, 4, KIND_VIEW, encodings_body},         /* SetEncodings */
	{3, 10, KIND_VIEW, NULL},                  /* FramebufferUpdateRequest */
	{4, 8, KIND_INPUT, NULL},                  /* KeyEvent */
	{5, 2, KIND_INPUT, pointer_body},          /* PointerEvent */
	{6, 8, KIND_INPUT, cut_text_body},         /* ClientCutText */
	{150, 10, KIND_VIEW, NULL},                /* EnableContinuousUpdates */
	{248, 9, KIND_VIEW, fence_body},           /* ClientFence */
	{250, 4, KIND_CONTROL, NULL},              /* xvp: shut down, reboot, reset */
	{251, 8, KIND_CONTROL, desktop_size_body}, /* SetDesktopSize */
	{255, 2, KIND_INPUT, qemu_body},           /* QEMU extended key event */
};

void rfb_client_init(rfb_client *c, bool control, uint32_t max_message)
{
	*c = (rfb_client){.control = control, .max_message = max_message};
}

static const message *find_message(unsigned char type)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].type == type)
			return &messages[i];
	return NULL;
}

static int fail(rfb_client *c)
{
	c->state = RFB_CLIENT_BROKEN;
	return -1;
}

/* The head is done and goes on as it stands. */
static void release(
	rfb_client *c, rfb_client_state next, const unsigned char **ret, size_t *ret_len)
{
	*ret = c->head;
	*ret_len = c->have;
	c->have = 0;
	c->state = next;
}

static int end_version(rfb_client *c, const unsigned char **ret, size_t *ret_len)
{
	if (memcmp(c->head, "RFB 003.008\n", VERSION_LEN) != 0 &&
		memcmp(c->head, "RFB 003.007\n", VERSION_LEN) != 0)
		return fail(c);
	release(c, RFB_CLIENT_SECURITY, ret, ret_len);
	return 0;
}

static int end_security(rfb_client *c, const unsigned char **ret, size_t *ret_len)
{
	if (c->head[0] != SECURITY_NONE && c->head[0] != SECURITY_VNC)
		return fail(c);
	bool none = c->head[0] == SECURITY_NONE;

	release(c, none ? RFB_CLIENT_INIT : RFB_CLIENT_RESPONSE, ret, ret_len);
	return 0;
}

/* Other viewers are never thrown out by a newcomer. */
static int end_init(rfb_client *c, const unsigned char **ret, size_t *ret_len)
{
	c->head[0] = 1;
	release(c, RFB_CLIENT_MESSAGE, ret, ret_len);
	return 0;
}

/* The head of a message is whole. SetPixelFormat is longer than a head and has no length. */
static int end_head(rfb_client *c, const message *m, const unsigned char **ret, size_t *ret_len)
{
	long long body = m->body ? m->body(c) : m->head - (long long)c->have;

	if (body < 0 || body > (long long)c->max_message)
		return fail(c);
	c->pass = m->kind == KIND_VIEW || c->control;
	c->input = m->kind == KIND_INPUT && c->pass;
	c->left = (uint32_t)body;
	release(c, body > 0 ? RFB_CLIENT_BODY : RFB_CLIENT_MESSAGE, ret, ret_len);
	if (!c->pass)
		*ret_len = 0;
	if (body == 0 && c->input)
		c->inputs++;
	return 0;
}

/* Moves bytes to the head until it has `wanted`; whether it has. */
static bool collect(
	rfb_client *c, size_t wanted, const unsigned char *data, size_t len, size_t *ret_taken)
{
	size_t n = wanted - c->have;

	if (n > len)
		n = len;
	memcpy(c->head + c->have, data, n);
	c->have += n;
	*ret_taken = n;
	return c->have == wanted;
}

static int feed_message(rfb_client *c, const unsigned char *data, size_t len, size_t *ret_taken,
	const unsigned char **ret, size_t *ret_len)
{
	const message *m = find_message(c->have > 0 ? c->head[0] : data[0]);

	if (!m)
		return fail(c);
	size_t head = m->head < RFB_CLIENT_HEAD ? m->head : RFB_CLIENT_HEAD;

	return collect(c, head, data, len, ret_taken) ? end_head(c, m, ret, ret_len) : 0;
}

static void feed_body(rfb_client *c, const unsigned char *data, size_t len, size_t *ret_taken,
	const unsigned char **ret, size_t *ret_len)
{
	size_t n = len < c->left ? len : c->left;

	*ret_taken = n;
	if (c->pass)
	{
		*ret = data;
		*ret_len = n;
	}
	c->left -= (uint32_t)n;
	if (c->left > 0)
		return;
	c->state = RFB_CLIENT_MESSAGE;
	if (c->input)
		c->inputs++;
}

int rfb_client_feed(rfb_client *c, const unsigned char *data, size_t len, size_t *ret_taken,
	const unsigned char **ret, size_t *ret_len)
{
	*ret = NULL;
	*ret_len = *ret_taken = 0;
	if (len == 0)
		return 0;
	switch (c->state)
	{
	case RFB_CLIENT_VERSION:
		return collect(c, VERSION_LEN, data, len, ret_taken) ? end_version(c, ret, ret_len) : 0;
	case RFB_CLIENT_SECURITY:
		return collect(c, 1, data, len, ret_taken) ? end_security(c, ret, ret_len) : 0;
	case RFB_CLIENT_RESPONSE:
		if (collect(c, RESPONSE_LEN, data, len, ret_taken))
			release(c, RFB_CLIENT_INIT, ret, ret_len);
		return 0;
	case RFB_CLIENT_INIT:
		return collect(c, 1, data, len, ret_taken) ? end_init(c, ret, ret_len) : 0;
	case RFB_CLIENT_MESSAGE:
		return feed_message(c, data, len, ret_taken, ret, ret_len);
	case RFB_CLIENT_BODY:
		feed_body(c, data, len, ret_taken, ret, ret_len);
		return 0;
	case RFB_CLIENT_BROKEN:
		break;
	}
	return -1;
}
