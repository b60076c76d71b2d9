#include "agent/credentials_internal.h"

#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/sigv4.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "reporters/payload.h"

#define SERVICE "secretsmanager"

enum {
	CONNECT_MS = 3000,
	TOTAL_MS = 5000,
	AUTHORIZATION_MAX = 16 * 1024,
	TYPE_MAX = 60,
	WORDS_MAX = 200,
	NAME_MAX_SHOWN = 100,
	KEY_LEAST = 8,
};

/* Where to ask. */

static const char *
override(const struct credentials_world *world, const char **variable)
{
	const char *ignored = credentials_variable(
		world, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	if (ignored && str_ieq(ignored, "true"))
		return NULL;
	*variable = "AWS_ENDPOINT_URL_SECRETS_MANAGER";
	const char *url = credentials_variable(world, *variable);
	if (url)
		return url;
	*variable = "AWS_ENDPOINT_URL";
	return credentials_variable(world, *variable);
}

/* As libcurl will send it, since it is signed. */
static const char *
host_of(const struct url *url, struct arena *arena)
{
	bool six = strchr(url->host, ':') != NULL;
	const char *host = arena_printf(
		arena, "%s%s%s", six ? "[" : "", url->host, six ? "]" : "");
	if (url->port == (str_eq(url->scheme, "https") ? 443 : 80))
		return host;
	return arena_printf(arena, "%s:%u", host, (unsigned)url->port);
}

struct place {
	const char *url;
	const char *host;
	const char *path;
};

static bool
find_place(const char *region, const struct credentials_world *world,
	struct arena *arena, struct place *place, struct err *err)
{
	const char *variable = "region";
	const char *text = override(world, &variable);
	if (!text)
		text = arena_printf(arena,
			"https://" SERVICE ".%s.amazonaws.com%s/", region,
			str_starts(region, "cn-") ? ".cn" : "");
	struct url url;
	const char *whole;
	if (!url_normalise(text, arena, &whole, err)
		|| !url_parse(whole, arena, &url, err))
		return err_prefix(err, "%s", variable);
	if (strchr(url.target, '?'))
		return err_set(err, "%s: the address has no query", variable);
	place->host = host_of(&url, arena);
	place->path = url.target;
	place->url = arena_printf(
		arena, "%s://%s%s", url.scheme, place->host, url.target);
	return true;
}

/* The request. */

enum {
	HEADER_TARGET = 0,
	HEADER_TYPE,
	HEADER_DATE,
	HEADER_HOST, /* this one libcurl sends by itself */
	HEADER_SESSION,
	HEADER_COUNT,
};

static const char *
sign(const struct sigv4_request *request, const struct sigv4_signer *signer,
	struct arena *arena)
{
	struct buf text;
	buf_init(&text, AUTHORIZATION_MAX);
	sigv4_authorization(request, signer, &text);
	const char *authorization = arena_dup(arena, text.data);
	buf_finish(&text);
	return authorization;
}

/* The signature takes the place of Host. */
static void
set_headers(struct http_request *request, const struct place *place,
	const struct sigv4_signer *signer, const char *session,
	struct arena *arena)
{
	struct sigv4_header *headers =
		arena_alloc(arena, HEADER_COUNT * sizeof(*headers));
	headers[HEADER_TARGET] = (struct sigv4_header){ "X-Amz-Target",
		SERVICE ".GetSecretValue" };
	headers[HEADER_TYPE] = (struct sigv4_header){ "Content-Type",
		"application/x-amz-json-1.1" };
	headers[HEADER_DATE] =
		(struct sigv4_header){ "X-Amz-Date", signer->time };
	headers[HEADER_HOST] = (struct sigv4_header){ "Host", place->host };
	headers[HEADER_SESSION] =
		(struct sigv4_header){ "X-Amz-Security-Token", session };
	size_t n = session ? HEADER_COUNT : HEADER_SESSION;
	const struct sigv4_request to_sign = {
		.method = request->method,
		.path = place->path,
		.headers = headers,
		.n_headers = n,
		.body = request->body,
		.body_len = request->body_len,
	};
	struct http_header *sent = arena_alloc(arena, n * sizeof(*sent));
	for (size_t i = 0; i < n; i++)
		sent[i] = (struct http_header){ headers[i].name,
			headers[i].value };
	sent[HEADER_HOST] = (struct http_header){ "Authorization",
		sign(&to_sign, signer, arena) };
	request->headers = sent;
	request->n_headers = n;
}

void
credentials_secret_ask(const struct token_provider *provider,
	const struct credentials_world *world,
	const struct credentials_keys *keys, struct arena *arena,
	int64_t now_ms, struct credentials_step *step)
{
	struct place place = { 0 };
	struct err err;
	if (!find_place(provider->region, world, arena, &place, &err)) {
		credentials_fail(step, "%s", err.text);
		return;
	}
	char *time = arena_alloc(arena, SIGV4_TIME_SIZE);
	sigv4_time(now_ms, time);
	const struct sigv4_signer signer = {
		.key_id = keys->id,
		.secret = keys->secret,
		.region = provider->region,
		.service = SERVICE,
		.time = time,
	};
	const char *body =
		payload_write(json_pack("{s:o}", "SecretId",
				      payload_text(provider->secret_name)),
			arena);
	*step = (struct credentials_step){
		.kind = CREDENTIALS_SEND,
		.request = {
			.method = "POST",
			.url = place.url,
			.body = body,
			.body_len = strlen(body),
			.connect_ms = CONNECT_MS,
			.total_ms = TOTAL_MS,
			.body_max = CREDENTIALS_BODY_MAX,
		},
	};
	const char *session =
		keys->session ? arena_dup(arena, keys->session) : NULL;
	set_headers(&step->request, &place, &signer, session, arena);
}

/* What AWS says when it gives nothing. */

static const struct refusal {
	const char *type; /* without "Exception" at its end */
	const char *says;
	bool tells; /* its words are of use, and of no harm */
	bool keys; /* others might do */
	bool passing;
} refusals[] = {
	{ .type = "AccessDenied",
		.says = "AWS denies access to the secret",
		.tells = true },
	{ .type = "DecryptionFailure",
		.says = "AWS cannot decrypt the secret",
		.tells = true },
	{ .type = "ExpiredToken",
		.says = "AWS says that the keys have expired",
		.keys = true },
	{ .type = "InternalServiceError",
		.says = "AWS has trouble of its own",
		.passing = true },
	{ .type = "InvalidParameter",
		.says = "The request had invalid params",
		.tells = true },
	{ .type = "InvalidRequest",
		.says = "The request was invalid",
		.tells = true },
	/* Its words repeat what was signed: a session among it. */
	{ .type = "InvalidSignature",
		.says = "AWS does not take the signature: the secret key is "
			"wrong, or this machine's clock",
		.keys = true },
	{ .type = "Throttling",
		.says = "AWS is asked too often",
		.passing = true },
	{ .type = "UnrecognizedClient",
		.says = "AWS does not know the keys",
		.keys = true },
};

/* What is shorter than any real key would be found in harmless words. */
static bool
has_key(const char *words, const char *key)
{
	return key && strlen(key) >= KEY_LEAST && strstr(words, key);
}

static bool
gives_away(const char *words, const struct credentials_keys *keys)
{
	return has_key(words, keys->secret) || has_key(words, keys->session);
}

/* "com.amazonaws.secretsmanager#ResourceNotFoundException", or a header's
 * "ResourceNotFoundException:http://...". */
static const char *
type_of(const json_t *root, const struct http_response *answer,
	const struct credentials_keys *keys, struct arena *arena)
{
	const char *type = json_string_value(json_object_get(root, "__type"));
	char header[256];
	if (!type
		&& http_response_header(
			answer, "x-amzn-ErrorType", header, sizeof(header)))
		type = header;
	if (!type || gives_away(type, keys))
		return "";
	const char *hash = strrchr(type, '#');
	if (hash)
		type = hash + 1;
	size_t len = strcspn(type, ": ");
	type = credentials_words(type, len < TYPE_MAX ? len : TYPE_MAX, arena);
	const char *end = strstr(type, "Exception");
	return end ? arena_dup_n(arena, type, (size_t)(end - type)) : type;
}

/* ": words", or "". */
static const char *
words_of(const json_t *root, const struct credentials_keys *keys,
	struct arena *arena)
{
	const char *words = json_string_value(json_object_get(root, "Message"));
	if (!words)
		words = json_string_value(json_object_get(root, "message"));
	if (!words || *words == '\0' || gives_away(words, keys))
		return "";
	return arena_printf(
		arena, ": %s", credentials_words(words, WORDS_MAX, arena));
}

static void
refused(const struct token_provider *provider,
	const struct credentials_keys *keys, const struct http_response *answer,
	struct arena *arena, struct credentials_step *step)
{
	json_t *root = payload_read(answer);
	const char *type = type_of(root, answer, keys, arena);
	const struct refusal *found = NULL;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (str_eq(type, refusals[i].type))
			found = &refusals[i];
	if (str_eq(type, "ResourceNotFound")) {
		credentials_fail(step,
			"The requested secret %.*s was not found",
			NAME_MAX_SHOWN, provider->secret_name);
	} else if (found) {
		credentials_fail(step, "%s%s", found->says,
			found->tells ? words_of(root, keys, arena) : "");
		step->passing = found->passing;
		step->keys_refused = found->keys;
	} else if (!credentials_fail_passing(
			   step, "AWS Secrets Manager", answer)) {
		credentials_fail(step, "AWS Secrets Manager answered %d%s%s",
			answer->status, *type != '\0' ? " " : "", type);
	}
	json_decref(root);
}

/* The secret. */

static void
read_value(const struct token_provider *provider, const json_t *secret,
	struct arena *arena, struct credentials_step *step)
{
	const char *key = provider->secret_key;
	const json_t *value = json_object_get(secret, key);
	const char *token = "";
	if (!value) {
		credentials_fail(step, "Invalid secret_key parameter: %.*s",
			NAME_MAX_SHOWN, key);
		return;
	}
	if (json_is_string(value))
		token = credentials_trim(json_string_value(value), arena);
	else if (!json_is_null(value))
		token = NULL;
	if (!token)
		credentials_fail(step,
			"the secret's %.*s is not a text without blanks and "
			"strange characters",
			NAME_MAX_SHOWN, key);
	else if (*token == '\0')
		credentials_fail(step, "the secret's %.*s is empty",
			NAME_MAX_SHOWN, key);
	else
		*step = (struct credentials_step){ .kind = CREDENTIALS_FOUND,
			.token = token };
}

static void
read_secret(const struct token_provider *provider,
	const struct http_response *answer, struct arena *arena,
	struct credentials_step *step)
{
	json_t *root = payload_read(answer);
	const char *text =
		json_string_value(json_object_get(root, "SecretString"));
	json_t *secret = text ? json_loads(text, 0, NULL) : NULL;
	if (json_is_object(secret))
		read_value(provider, secret, arena, step);
	else if (text)
		credentials_fail(step,
			"the secret %.*s is not a map in JSON, such as "
			"{\"%.*s\": \"...\"}",
			NAME_MAX_SHOWN, provider->secret_name, NAME_MAX_SHOWN,
			provider->secret_key);
	else if (json_object_get(root, "SecretBinary"))
		credentials_fail(step,
			"Invalid secret format. It should be a SecretString, "
			"instead of binary.");
	else
		credentials_fail(
			step, "AWS Secrets Manager answered with no secret");
	json_decref(secret);
	json_decref(root);
}

void
credentials_secret_read(const struct token_provider *provider,
	const struct credentials_keys *keys, const struct http_response *answer,
	struct arena *arena, struct credentials_step *step)
{
	if (answer->status != 200)
		refused(provider, keys, answer, arena, step);
	else if (!credentials_fail_passing(step, "AWS Secrets Manager", answer))
		read_secret(provider, answer, arena, step);
}
