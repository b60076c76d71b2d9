/*
 * Keys that are lent: by the endpoint that a container has beside it, or by
 * the metadata of an instance (its second version: a session first).
 *
 *     container   GET the keys
 *     instance    PUT for a session -> GET the role's name -> GET its keys
 *
 * Neither is ever asked through a proxy.
 */
#include "agent/credentials_internal.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/http/url.h"

#define CONTAINER_HOST "http://169.254.170.2"
#define INSTANCE_HOST "http://169.254.169.254"
#define INSTANCE_HOST_IPV6 "http://[fd00:ec2::254]"
#define ROLES "/latest/meta-data/iam/security-credentials/"

#define FULL_URI "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define RELATIVE_URI "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"

enum {
	CONTAINER_MS = 2000,
	CONTAINER_TRIES = 3,
	CONNECT_MS = 1000,
	INSTANCE_MS = 2000,
	ROLE_MAX = 128,
	TOKEN_FILE_MAX = 16 * 1024,
};

static void
ask(const struct credentials_chain *chain, const char *method, const char *url,
	const struct http_header *header, int64_t total_ms,
	struct credentials_step *step)
{
	*step = (struct credentials_step){
		.kind = CREDENTIALS_SEND,
		.request = {
			.method = method,
			.url = url,
			.connect_ms = CONNECT_MS,
			.total_ms = total_ms,
			.body_max = CREDENTIALS_BODY_MAX,
			.direct = true,
		},
	};
	if (!header || !header->value)
		return;
	struct http_header *kept = arena_alloc(chain->arena, sizeof(*kept));
	*kept = *header;
	step->request.headers = kept;
	step->request.n_headers = 1;
}

/* The container. */

static bool
may_have_keys(const struct url *url)
{
	static const char *const hosts[] = { "169.254.170.2", "169.254.170.23",
		"fd00:ec2::23", "localhost", "::1" };
	if (str_eq(url->scheme, "https") || str_starts(url->host, "127."))
		return true;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (str_eq(url->host, hosts[i]))
			return true;
	return false;
}

/* Keys come over no wire that others may listen at. */
static bool
container_url(const struct credentials_chain *chain, const char **url,
	struct credentials_step *step)
{
	struct arena *arena = chain->arena;
	const char *relative = credentials_variable(chain->world, RELATIVE_URI);
	const char *full = credentials_variable(chain->world, FULL_URI);
	if (relative)
		full = arena_printf(arena, CONTAINER_HOST "%s%s",
			*relative == '/' ? "" : "/", relative);
	struct url parts;
	struct err err;
	if (!url_normalise(full, arena, url, &err)
		|| !url_parse(*url, arena, &parts, &err)) {
		credentials_fail(step, "%s: %s",
			relative ? RELATIVE_URI : FULL_URI, err.text);
		return false;
	}
	if (!may_have_keys(&parts)) {
		credentials_fail(step,
			FULL_URI ": expected https, or an address of this "
				 "machine or of a container's credentials");
		return false;
	}
	return true;
}

/* It may be of several words, such as "Bearer ...".  NULL: it is no such. */
static const char *
header_value(const char *text, struct arena *arena)
{
	char *value = arena_dup(arena, text);
	size_t len = strlen(value);
	while (len > 0 && strchr(" \t\r\n", value[len - 1]))
		value[--len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (value[i] < ' ' || value[i] > '~')
			return NULL;
	return value;
}

/* Read each time: whoever wrote the file puts another one there in time. */
static bool
container_token(const struct credentials_chain *chain, const char **token,
	struct credentials_step *step)
{
	const struct credentials_world *world = chain->world;
	const char *path = credentials_variable(world, TOKEN_FILE);
	const char *text = credentials_variable(world, TOKEN);
	struct buf file;
	buf_init(&file, TOKEN_FILE_MAX);
	struct err err;
	bool missing;
	bool good = true;
	if (path) {
		good = world->file(world->cookie, path, &file, &missing, &err);
		text = file.data;
	}
	*token = good && text ? header_value(text, chain->arena) : NULL;
	if (!good)
		credentials_fail(step, TOKEN_FILE ": %s", err.text);
	else if (text && !*token)
		credentials_fail(step, "%s: there is a strange character in it",
			path ? TOKEN_FILE : TOKEN);
	buf_finish(&file);
	return good && (!text || *token);
}

bool
credentials_remote_container(
	struct credentials_chain *chain, struct credentials_step *step)
{
	if (!credentials_variable(chain->world, RELATIVE_URI)
		&& !credentials_variable(chain->world, FULL_URI))
		return false;
	const char *url;
	const char *token;
	if (!container_url(chain, &url, step)
		|| !container_token(chain, &token, step))
		return true;
	chain->place = CREDENTIALS_CONTAINER;
	chain->tries++;
	struct http_header header = { "Authorization", token };
	ask(chain, "GET", url, &header, CONTAINER_MS, step);
	return true;
}

static void
on_container(struct credentials_chain *chain,
	const struct http_response *answer, struct credentials_step *step)
{
	const char *who = "the container's credentials endpoint";
	if (credentials_fail_passing(step, who, answer)) {
		if (chain->tries < CONTAINER_TRIES)
			credentials_remote_container(chain, step);
		return;
	}
	struct err err;
	if (answer->status != 200)
		credentials_fail(step, "%s answered %d", who, answer->status);
	else if (!credentials_keys_read(chain->keys, answer, &err))
		credentials_fail(step, "the answer of %s: %s", who, err.text);
	else
		step->kind = CREDENTIALS_FOUND;
}

/* The instance. */

static bool
is_true(const struct credentials_chain *chain, const char *name)
{
	const char *value = credentials_variable(chain->world, name);
	return value && str_ieq(value, "true");
}

/* The last place had none, so there are none at all. */
static void
no_keys(const struct credentials_chain *chain, const char *why,
	struct credentials_step *step)
{
	bool web = credentials_variable(
		chain->world, "AWS_WEB_IDENTITY_TOKEN_FILE");
	credentials_fail(step,
		"no keys for AWS: none in the environment; %s; no container; "
		"%s%s",
		chain->file, why,
		web ? "; AWS_WEB_IDENTITY_TOKEN_FILE is not understood" : "");
}

static bool
instance_url(const struct credentials_chain *chain, const char *path,
	const char **url, struct credentials_step *step)
{
	const char *base = credentials_variable(
		chain->world, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = credentials_variable(
		chain->world, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	if (!base)
		base = mode && str_ieq(mode, "ipv6") ? INSTANCE_HOST_IPV6
						     : INSTANCE_HOST;
	size_t len = strlen(base);
	while (len > 0 && base[len - 1] == '/')
		len--;
	struct err err;
	if (url_normalise(
		    arena_printf(chain->arena, "%.*s%s", (int)len, base, path),
		    chain->arena, url, &err))
		return true;
	credentials_fail(
		step, "AWS_EC2_METADATA_SERVICE_ENDPOINT: %s", err.text);
	return false;
}

void
credentials_remote_instance(
	struct credentials_chain *chain, struct credentials_step *step)
{
	const char *url;
	if (is_true(chain, "AWS_EC2_METADATA_DISABLED")) {
		no_keys(chain,
			"AWS_EC2_METADATA_DISABLED keeps from asking the "
			"instance",
			step);
		return;
	}
	if (!instance_url(chain, "/latest/api/token", &url, step))
		return;
	chain->place = CREDENTIALS_SESSION;
	static const struct http_header header = {
		"X-aws-ec2-metadata-token-ttl-seconds", "21600"
	};
	ask(chain, "PUT", url, &header, INSTANCE_MS, step);
}

/* What follows bears the session, where there is one. */
static void
ask_instance(struct credentials_chain *chain, enum credentials_place place,
	const char *path, struct credentials_step *step)
{
	const char *url;
	if (!instance_url(chain, path, &url, step))
		return;
	chain->place = place;
	struct http_header header = { "X-aws-ec2-metadata-token",
		chain->session };
	ask(chain, "GET", url, &header, INSTANCE_MS, step);
}

static void
on_session(struct credentials_chain *chain, const struct http_response *answer,
	struct credentials_step *step)
{
	int status = answer->status;
	if (status == 0) {
		no_keys(chain,
			arena_printf(chain->arena, "no instance metadata (%s)",
				answer->detail),
			step);
		return;
	}
	bool first_version = status == 403 || status == 404 || status == 405;
	if (status == 200) {
		chain->session = credentials_trim(answer->body, chain->arena);
		if (!chain->session || *chain->session == '\0') {
			credentials_fail(step,
				"the instance metadata answered with a "
				"session that is none");
			return;
		}
	} else if (!first_version
		|| is_true(chain, "AWS_EC2_METADATA_V1_DISABLED")) {
		if (!credentials_fail_passing(
			    step, "the instance metadata", answer))
			credentials_fail(step,
				"the instance metadata answered %d", status);
		return;
	}
	ask_instance(chain, CREDENTIALS_ROLE, ROLES, step);
}

static void
on_role(struct credentials_chain *chain, const struct http_response *answer,
	struct credentials_step *step)
{
	if (credentials_fail_passing(step, "the instance metadata", answer))
		return;
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_+=,.@-";
	size_t len = strspn(answer->body, letters);
	if (answer->status == 404 || (answer->status == 200 && len == 0))
		no_keys(chain, "the instance has no role", step);
	else if (answer->status != 200)
		credentials_fail(step, "the instance metadata answered %d",
			answer->status);
	else if (len > ROLE_MAX
		|| (answer->body[len] != '\0'
			&& !strchr("\r\n", answer->body[len])))
		credentials_fail(step,
			"the instance metadata answered with what is no "
			"role's name");
	else
		ask_instance(chain, CREDENTIALS_ROLE_KEYS,
			arena_printf(chain->arena, ROLES "%.*s", (int)len,
				answer->body),
			step);
}

static void
on_role_keys(struct credentials_chain *chain,
	const struct http_response *answer, struct credentials_step *step)
{
	const char *who = "the instance metadata";
	struct err err;
	if (credentials_fail_passing(step, who, answer))
		return;
	if (answer->status != 200)
		credentials_fail(step, "%s answered %d", who, answer->status);
	else if (!credentials_keys_read(chain->keys, answer, &err))
		credentials_fail(step, "the answer of %s: %s", who, err.text);
	else
		step->kind = CREDENTIALS_FOUND;
}

void
credentials_remote_step(struct credentials_chain *chain,
	const struct http_response *answer, struct credentials_step *step)
{
	*step = (struct credentials_step){ 0 };
	switch (chain->place) {
	case CREDENTIALS_NOWHERE:
		break;
	case CREDENTIALS_CONTAINER:
		on_container(chain, answer, step);
		break;
	case CREDENTIALS_SESSION:
		on_session(chain, answer, step);
		break;
	case CREDENTIALS_ROLE:
		on_role(chain, answer, step);
		break;
	case CREDENTIALS_ROLE_KEYS:
		on_role_keys(chain, answer, step);
		break;
	}
}
