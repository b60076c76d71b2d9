#include "probes/hop.h"

#include <assert.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "probes/header.h"
#include "probes/http_conf.h"
#include "probes/redirect.h"

/* False for what cannot be asked for. */
static bool
aim(struct hop *hop, const char *url)
{
	struct err err;
	if (!url_parse(url, hop->arena, &hop->parts, &err))
		return false;
	hop->url = url_public(url, hop->arena);
	return true;
}

void
hop_begin(
	struct hop *hop, const struct http_conf *settings, struct arena *arena)
{
	*hop = (struct hop){
		.settings = settings,
		.arena = arena,
		.method = http_conf_method(settings, arena),
	};
	struct err err;
	const char *url;
	bool is_good = url_normalise(settings->url, arena, &url, &err)
		&& aim(hop, url);
	assert(is_good);
	hop->first = hop->parts;
	hop->authorization =
		http_conf_authorization(settings, hop->parts.user, arena);
}

enum hop_way
hop_follow(
	struct hop *hop, const struct http_response *response, int64_t now_ms)
{
	struct header location;
	struct err err;
	const char *url;
	if (!redirect_is(response->status)
		|| !header_last(response->headers, "Location", &location)
		|| location.value_len == 0)
		return HOP_ENDS;
	if (hop->behind == REDIRECT_MAX || location.value_len > URL_MAX)
		return HOP_ASTRAY;

	struct url from = hop->parts;
	cookies_take(
		&hop->cookies, response->headers, &from, now_ms, hop->arena);
	const char *text =
		arena_dup_n(hop->arena, location.value, location.value_len);
	if (!url_resolve(hop->url, text, hop->arena, &url, &err)
		|| !aim(hop, url))
		return HOP_ASTRAY;
	hop->behind++;
	hop->method = redirect_method(response->status, hop->method);
	if (!redirect_keeps_body(response->status))
		hop->is_emptied = true;
	if (!redirect_keeps_auth(&from, &hop->parts))
		hop->authorization = NULL;
	return HOP_LEADS;
}

bool
hop_is_at_first(const struct hop *hop)
{
	return str_eq(hop->parts.host, hop->first.host);
}

static bool
is_of_body(const char *name)
{
	return str_ieq(name, "Content-Type") || str_ieq(name, "Content-Length")
		|| str_ieq(name, "Transfer-Encoding");
}

/* Whether a configured header is for this hop, too. */
static bool
is_for_hop(const struct hop *hop, const struct conf_pair *pair)
{
	const char *name = pair->key;
	if (str_ieq(name, "Authorization"))
		return false; /* it has its own place */
	if (str_ieq(name, "Cookie"))
		return hop->behind == 0;
	if (str_ieq(name, "Host"))
		return pair->value /* none at all is no HTTP/1.1 */
			&& str_eq(hop->parts.host, hop->first.host)
			&& hop->parts.port == hop->first.port;
	return !hop->is_emptied || !is_of_body(name);
}

/* As with keys of a map, the last one counts, in whatever case. */
static bool
is_given_again(const struct conf_list *headers, size_t i)
{
	const struct conf_pair *pairs = headers->items;
	for (size_t later = i + 1; later < headers->count; later++)
		if (str_ieq(pairs[i].key, pairs[later].key))
			return true;
	return false;
}

static bool
is_configured(const struct conf_list *headers, const char *name)
{
	const struct conf_pair *pairs = headers->items;
	for (size_t i = 0; i < headers->count; i++)
		if (str_ieq(pairs[i].key, name))
			return true;
	return false;
}

struct collected {
	struct http_header *headers;
	size_t n;
};

static void
add(struct collected *all, const char *name, const char *value)
{
	all->headers[all->n++] = (struct http_header){ name, value };
}

const struct http_header *
hop_headers(const struct hop *hop, size_t *n)
{
	static const char encoding[] = "Accept-Encoding";
	const struct conf_list *configured = &hop->settings->headers;
	const struct conf_pair *pairs = configured->items;
	size_t most = configured->count + 3;
	struct collected all = {
		.headers = arena_alloc(
			hop->arena, most * sizeof(struct http_header)),
	};
	if (!is_configured(configured, encoding))
		add(&all, encoding, "gzip, deflate");
	for (size_t i = 0; i < configured->count; i++)
		if (is_for_hop(hop, &pairs[i])
			&& !is_given_again(configured, i))
			add(&all, pairs[i].key,
				header_encode(pairs[i].value, hop->arena));
	if (hop->authorization)
		add(&all, "Authorization", hop->authorization);
	const char *cookies =
		cookies_for(&hop->cookies, &hop->parts, hop->arena);
	if (cookies)
		add(&all, "Cookie", cookies);
	*n = all.n;
	return all.headers;
}
