#include "probes/cookies.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "probes/cookie_date.h"
#include "probes/header.h"

enum {
	COOKIES_MAX = 50,
	COOKIE_SIZE_MAX = 4096,
	COOKIES_SENT_MAX = 16 * 1024,
};

struct cookie {
	struct cookie *next;
	const char *domain; /* lower case, without a dot in front */
	const char *path;
	const char *pair; /* name=value */
	size_t name_len;
	bool host_only;
	bool secure;
};

struct span {
	const char *at;
	size_t len;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span
trim(struct span text)
{
	while (text.len > 0 && is_blank(*text.at)) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

/* The part up to the next `mark`, which is dropped with it. */
static struct span
take(struct span *rest, char mark)
{
	const char *found =
		rest->len > 0 ? memchr(rest->at, mark, rest->len) : NULL;
	struct span part = { rest->at,
		found ? (size_t)(found - rest->at) : rest->len };
	size_t used = found ? part.len + 1 : part.len;
	rest->at += used;
	rest->len -= used;
	return trim(part);
}

static bool
is(struct span text, const char *word)
{
	return text.len == strlen(word)
		&& strncasecmp(text.at, word, text.len) == 0;
}

/* A Set-Cookie line, taken apart; empty where it says nothing. */
struct offer {
	struct span name, value;
	struct span domain, path;
	bool secure;
	bool is_gone;
};

/* 0 or less says that it is over. */
static bool
is_age(struct span text, bool *is_over)
{
	bool negative = text.len > 0 && *text.at == '-';
	bool zero = true;
	size_t i = negative;
	if (i == text.len)
		return false;
	for (; i < text.len; i++) {
		if (!isdigit((unsigned char)text.at[i]))
			return false;
		zero = zero && text.at[i] == '0';
	}
	*is_over = negative || zero;
	return true;
}

static bool
read_offer(const struct header *line, int64_t now_ms, struct offer *offer)
{
	struct span rest = { line->value, line->value_len };
	struct span pair = take(&rest, ';');
	*offer = (struct offer){ 0 };
	if (pair.len == 0 || !memchr(pair.at, '=', pair.len))
		return false;
	offer->name = take(&pair, '=');
	offer->value = trim(pair);

	bool has_age = false;
	while (rest.len > 0) {
		struct span value = take(&rest, ';');
		struct span name = take(&value, '=');
		value = trim(value);
		int64_t expires;
		if (is(name, "Domain"))
			offer->domain = value;
		else if (is(name, "Path"))
			offer->path = value;
		else if (is(name, "Secure"))
			offer->secure = true;
		else if (is(name, "Max-Age"))
			has_age |= is_age(value, &offer->is_gone);
		else if (is(name, "Expires") && !has_age
			&& cookie_date_parse(value.at, value.len, &expires))
			offer->is_gone = expires * 1000 <= now_ms;
	}
	return offer->name.len > 0
		&& offer->name.len + offer->value.len < COOKIE_SIZE_MAX;
}

static bool
is_address(const char *host)
{
	return strchr(host, ':') || host[strspn(host, "0123456789.")] == '\0';
}

static bool
is_in_domain(const char *host, const char *domain)
{
	size_t host_len = strlen(host);
	size_t len = strlen(domain);
	if (str_eq(host, domain))
		return true;
	return len < host_len && str_ends(host, domain)
		&& host[host_len - len - 1] == '.' && !is_address(host);
}

/* False for a domain that is not theirs to speak for. */
static bool
set_domain(struct cookie *cookie, const struct offer *offer, const char *host,
	struct arena *arena)
{
	struct span domain = offer->domain;
	if (domain.len > 0 && *domain.at == '.') {
		domain.at++;
		domain.len--;
	}
	char *text = arena_dup_n(arena, domain.at ? domain.at : "", domain.len);
	for (char *at = text; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	cookie->domain = *text == '\0' ? host : text;
	cookie->host_only = *text == '\0';
	if (cookie->host_only || str_eq(text, host))
		return true;
	/* Nobody sets cookies for all of "com". */
	return strchr(text, '.') && is_in_domain(host, text);
}

/* RFC 6265, 5.1.4: the folder that the page is in. */
static const char *
path_of(const struct offer *offer, const struct url *from, struct arena *arena)
{
	if (offer->path.len > 0 && *offer->path.at == '/')
		return arena_dup_n(arena, offer->path.at, offer->path.len);
	size_t len = strcspn(from->target, "?");
	while (len > 1 && from->target[len - 1] != '/')
		len--;
	return arena_dup_n(arena, from->target, len > 1 ? len - 1 : 1);
}

static bool
is_same(const struct cookie *a, const struct cookie *b)
{
	return a->name_len == b->name_len
		&& memcmp(a->pair, b->pair, a->name_len) == 0
		&& str_eq(a->domain, b->domain) && str_eq(a->path, b->path);
}

/* Longer paths come first, then what was there first. */
static void
insert(struct cookies *cookies, struct cookie *cookie)
{
	struct cookie **at = &cookies->first;
	size_t len = strlen(cookie->path);
	while (*at && strlen((*at)->path) >= len)
		at = &(*at)->next;
	cookie->next = *at;
	*at = cookie;
	cookies->count++;
}

static void
take_one(struct cookies *cookies, const struct offer *offer,
	const struct url *from, struct arena *arena)
{
	struct cookie *cookie = arena_alloc(arena, sizeof(*cookie));
	if (!set_domain(cookie, offer, from->host, arena))
		return;
	cookie->path = path_of(offer, from, arena);
	cookie->secure = offer->secure;
	cookie->name_len = offer->name.len;
	cookie->pair = arena_printf(arena, "%.*s=%.*s", (int)offer->name.len,
		offer->name.at, (int)offer->value.len, offer->value.at);

	struct cookie **at = &cookies->first;
	while (*at && !is_same(*at, cookie))
		at = &(*at)->next;
	if (*at && offer->is_gone) {
		*at = (*at)->next;
		cookies->count--;
	} else if (*at) {
		cookie->next = (*at)->next;
		*at = cookie;
	} else if (!offer->is_gone && cookies->count < COOKIES_MAX) {
		insert(cookies, cookie);
	}
}

void
cookies_take(struct cookies *cookies, const char *headers,
	const struct url *from, int64_t now_ms, struct arena *arena)
{
	struct header line;
	struct offer offer;
	while (header_next(&headers, &line))
		if (header_is(&line, "Set-Cookie")
			&& read_offer(&line, now_ms, &offer))
			take_one(cookies, &offer, from, arena);
}

static bool
is_in_path(const char *target, const char *path)
{
	size_t target_len = strcspn(target, "?");
	size_t len = strlen(path);
	if (len > target_len || memcmp(target, path, len) != 0)
		return false;
	return len == target_len || path[len - 1] == '/' || target[len] == '/';
}

static bool
is_for(const struct cookie *cookie, const struct url *to)
{
	if (cookie->secure && !str_eq(to->scheme, "https"))
		return false;
	if (cookie->host_only ? !str_eq(cookie->domain, to->host)
			      : !is_in_domain(to->host, cookie->domain))
		return false;
	return is_in_path(to->target, cookie->path);
}

const char *
cookies_for(const struct cookies *cookies, const struct url *to,
	struct arena *arena)
{
	struct buf all;
	buf_init(&all, COOKIES_SENT_MAX);
	for (const struct cookie *at = cookies->first; at; at = at->next) {
		if (!is_for(at, to) || strlen(at->pair) + 2 > all.max - all.len)
			continue;
		if (all.len > 0)
			buf_add_text(&all, "; ");
		buf_add_text(&all, at->pair);
	}
	const char *value =
		all.len > 0 ? arena_dup_n(arena, all.data, all.len) : NULL;
	buf_finish(&all);
	return value;
}
