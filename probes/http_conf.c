#include "probes/http_conf.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/reach.h"
#include "agent/http/resolver.h"
#include "agent/http/response.h"
#include "agent/http/url.h"
#include "agent/model/status.h"
#include "probes/expect_conf.h"

static bool
is_url_good(const char *text, struct err *err)
{
	struct arena *arena = arena_new_small();
	struct url parts;
	const char *url;
	bool good = url_normalise(text, arena, &url, err)
		&& url_parse(url, arena, &parts, err);
	arena_free(arena);
	return good;
}

static bool
is_header_good(const struct conf_pair *pair, struct err *err)
{
	if (!http_is_token(pair->key))
		return err_set(err, "\"%s\" cannot be the name of a header",
			pair->key);
	if (pair->value && !http_is_header_value(pair->value))
		return err_set(err,
			"the value of \"%s\" has line ends or other control"
			" characters in it",
			pair->key);
	return true;
}

static bool
is_method_good(const char *method, struct err *err)
{
	return http_is_token(method)
		|| err_set(err, "expected a method such as GET, HEAD or POST");
}

bool
http_conf_is_good(const struct http_conf *settings, struct err *err)
{
	const struct conf_pair *pairs = settings->headers.items;
	const struct expect_settings *expected = settings->expectation.items;
	bool good = is_url_good(settings->url, err)
		&& is_method_good(settings->method, err);
	for (size_t i = 0; good && i < settings->headers.count; i++)
		good = is_header_good(&pairs[i], err);
	for (size_t i = 0; good && i < settings->expectation.count; i++)
		good = expect_conf_is_good(&expected[i], err);
	return good;
}

static void
check_url(const struct http_conf *settings, struct conf_reader *reader)
{
	struct err err;
	/* That it is missing was complained about already. */
	if (settings->url && !is_url_good(settings->url, &err))
		conf_reject(reader, "url", "%s", err.text);
}

static void
check_headers(const struct http_conf *settings, struct conf_reader *reader)
{
	const struct conf_pair *pairs = settings->headers.items;
	struct err err;
	for (size_t i = 0; i < settings->headers.count; i++)
		if (!is_header_good(&pairs[i], &err))
			conf_reject(reader, "header", "%s", err.text);
}

static void
check_addresses(const struct http_conf *settings, struct conf_reader *reader)
{
	const char *const *addresses = settings->resolve.items;
	size_t n = settings->resolve.count, n_fit = 0;
	if (n > RESOLVER_ADDRESSES_MAX)
		conf_reject(reader, "resolve", "at most %d addresses, got %zu",
			RESOLVER_ADDRESSES_MAX, n);
	for (size_t i = 0; i < n; i++) {
		if (!http_reach_parse(addresses[i], 0, NULL, NULL))
			conf_reject(reader, "resolve",
				"expected addresses such as 192.0.2.1 or"
				" 2001:db8::1, got \"%s\"",
				addresses[i]);
		n_fit += resolver_is_of_family(addresses[i],
			(enum resolver_family)settings->ip_version);
	}
	if (n > 0 && n_fit == 0)
		conf_reject(reader, "resolve",
			"none of the addresses is of the ip_version");
}

/* What stands there, whatever it is; NULL when the key is absent. */
static const struct conf_node *
given(struct conf_reader *reader, const char *key)
{
	const struct conf_node *raw = conf_raw(reader);
	for (size_t i = 0; i < raw->count; i++)
		if (str_eq(raw->keys[i], key))
			return &raw->items[i];
	return NULL;
}

void
http_conf_check(const void *section, struct conf_reader *reader)
{
	const struct http_conf *settings = section;
	check_url(settings, reader);
	check_headers(settings, reader);
	check_addresses(settings, reader);
	struct err err;
	if (!is_method_good(settings->method, &err))
		conf_reject(reader, "method", "%s", err.text);
	if (settings->expectation.count == 0 && given(reader, "expectation"))
		conf_reject(reader, "expectation",
			"endpoint.expectation must be a list of at least one;"
			" without the key, the status must be 200-300");
}

static const struct conf_choice ip_versions[] = {
	{ "any", RESOLVER_ANY },
	{ "4", RESOLVER_V4 },
	{ "6", RESOLVER_V6 },
	{ NULL, 0 },
};

/* By the names of incidents, in numbers of enum status. */
static const struct conf_choice severities[] = {
	{ "PERFORMANCE", STATUS_PERFORMANCE_ISSUES },
	{ "PARTIAL", STATUS_PARTIAL_OUTAGE },
	{ "MAJOR", STATUS_MAJOR_OUTAGE },
	{ NULL, 0 },
};

const struct conf_field http_conf_fields[] = {
	{ "url", CONF_STRING(struct http_conf, url),
		.flags = CONF_REQUIRED | CONF_SECRET | CONF_OF_OLD
			| CONF_ONLY_TEXT,
		.beside = "method",
		.help = "Where to look; http:// is put in front if it has no"
			" scheme." },
	{ "method", CONF_STRING(struct http_conf, method), .flags = CONF_OF_OLD,
		.fallback = "GET", .null = "GET",
		.help = "The method of the request, sent in upper case." },
	{ "header", "headers", CONF_PAIRS(struct http_conf, headers),
		.flags = CONF_SECRET | CONF_OF_OLD,
		.help = "Headers to send besides; null takes a default one"
			" away." },
	{ "insecure", CONF_BOOL(struct http_conf, insecure),
		.flags = CONF_OF_OLD, .fallback = "false",
		.help = "Accept any certificate." },
	{ "resolve", CONF_STRINGS(struct http_conf, resolve),
		.otherwise = "what the name of the URL resolves to",
		.help = "Addresses to connect to instead of looking the name"
			" of the URL up; not through a proxy." },
	{ "ip_version", CONF_CHOICE(struct http_conf, ip_version, ip_versions),
		.fallback = "any",
		.help = "Whether to connect by IPv4, IPv6 or any of them; not"
			" through a proxy." },
	{ "timeout", CONF_DURATION(struct http_conf, timeout_ms, 0, 3600000),
		.flags = CONF_OF_OLD | CONF_OR_FALSE, .fallback = "10s",
		.null = "1s", /* so it was in the old tool */
		.help = "The longest wait for a connection, for the headers,"
			" and between two pieces of the body." },
	{ "on_unreachable",
		CONF_CHOICE(struct http_conf, on_unreachable, severities),
		.fallback = "PARTIAL",
		.help = "How bad it is when there is no connection, or it"
			" breaks before all is there." },
	{ "on_timeout", CONF_CHOICE(struct http_conf, on_timeout, severities),
		.fallback = "PERFORMANCE",
		.help = "How bad it is when there is a connection, but no"
			" answer in time." },
	{ "expectation",
		CONF_LIST(struct http_conf, expectation, expect_conf_section),
		.flags = CONF_OF_OLD | CONF_NOT_EMPTY | CONF_SHARED,
		.wants = "a list for endpoint.expectation",
		.otherwise = "an HTTP_STATUS of 200-300",
		.help = "What the answer must be like; the worst of those that"
			" are not met counts." },
	{ 0 },
};

/* Without what may be a secret: user, password, and what is behind a question
 * mark.  Most are already as they are shown: then no other copy is kept. */
struct probe_target
http_conf_target(const void *settings, struct arena *arena)
{
	const struct http_conf *conf = settings;
	struct arena *scratch = arena_new_small();
	struct err err;
	const char *url;
	if (!url_normalise(conf->url, scratch, &url, &err))
		url = "";
	url = url_public(url, scratch);
	url = arena_dup_n(scratch, url, strcspn(url, "?"));
	struct probe_target target = {
		.url = str_eq(url, conf->url) ? conf->url
					      : arena_dup(arena, url),
		.method = conf->method,
	};
	arena_free(scratch);
	return target;
}

const char *
http_conf_method(const struct http_conf *settings, struct arena *arena)
{
	char *copy = arena_dup(arena, settings->method);
	for (char *at = copy; *at != '\0'; at++)
		*at = (char)toupper((unsigned char)*at);
	return copy;
}

static size_t
decode(const char *text, unsigned char *plain)
{
	size_t len = 0;
	for (const char *at = text; *at != '\0'; at++) {
		plain[len] = (unsigned char)*at;
		if (at[0] == '%' && isxdigit((unsigned char)at[1])
			&& isxdigit((unsigned char)at[2])) {
			char hex[] = { at[1], at[2], '\0' };
			plain[len] = (unsigned char)strtoul(hex, NULL, 16);
			at += 2;
		}
		len++;
	}
	return len;
}

static const char *
basic_auth(const char *user, struct arena *arena)
{
	unsigned char *plain = arena_alloc(arena, strlen(user) + 2);
	size_t len = decode(user, plain);
	/* Without a colon, the password is empty. */
	if (!strchr(user, ':'))
		plain[len++] = ':';
	unsigned char *code = arena_alloc(arena, (len + 2) / 3 * 4 + 1);
	EVP_EncodeBlock(code, plain, (int)len);
	return arena_printf(arena, "Basic %s", (const char *)code);
}

const char *
http_conf_authorization(
	const struct http_conf *settings, const char *user, struct arena *arena)
{
	if (user)
		return basic_auth(user, arena);
	const struct conf_pair *pairs = settings->headers.items;
	const char *value = NULL;
	for (size_t i = 0; i < settings->headers.count; i++)
		if (str_ieq(pairs[i].key, "Authorization"))
			value = pairs[i].value; /* the last one counts */
	return value;
}
