#include "probes/cookies.h"

#include <stdbool.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"

enum {
	COOKIES_MAX = 50,
	COOKIE_SIZE_MAX = 4096,
};

struct cookie {
	struct cookie *next;
	const char *host;
	const char *pair; /* name=value */
	size_t name_len;
};

static struct cookie *
find(const struct cookies *cookies, const char *host, const char *pair,
	size_t name_len)
{
	for (struct cookie *at = cookies->first; at; at = at->next)
		if (at->name_len == name_len && str_eq(at->host, host)
			&& memcmp(at->pair, pair, name_len) == 0)
			return at;
	return NULL;
}

/* In the order in which they were first set. */
static void
append(struct cookies *cookies, struct cookie *cookie)
{
	struct cookie **end = &cookies->first;
	while (*end)
		end = &(*end)->next;
	*end = cookie;
	cookies->count++;
}

static void
take_one(struct cookies *cookies, const char *text, size_t len,
	const char *host, struct arena *arena)
{
	const char *semicolon = memchr(text, ';', len);
	if (semicolon)
		len = (size_t)(semicolon - text);
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	const char *equals = memchr(text, '=', len);
	if (!equals || equals == text || len > COOKIE_SIZE_MAX)
		return;

	size_t name_len = (size_t)(equals - text);
	struct cookie *cookie = find(cookies, host, text, name_len);
	if (!cookie) {
		if (cookies->count == COOKIES_MAX)
			return;
		cookie = arena_alloc(arena, sizeof(*cookie));
		cookie->host = arena_dup(arena, host);
		cookie->name_len = name_len;
		append(cookies, cookie);
	}
	cookie->pair = arena_dup_n(arena, text, len);
}

void
cookies_take(struct cookies *cookies, const char *headers, const char *host,
	struct arena *arena)
{
	static const char name[] = "Set-Cookie:";
	while (*headers != '\0') {
		size_t len = strcspn(headers, "\r\n");
		if (str_istarts(headers, name))
			take_one(cookies, headers + sizeof(name) - 1,
				len - (sizeof(name) - 1), host, arena);
		headers += len;
		headers += strspn(headers, "\r\n");
	}
}

const char *
cookies_for(
	const struct cookies *cookies, const char *host, struct arena *arena)
{
	const char *all = NULL;
	for (const struct cookie *at = cookies->first; at; at = at->next) {
		if (!str_eq(at->host, host))
			continue;
		all = all ? arena_printf(arena, "%s; %s", all, at->pair)
			  : at->pair;
	}
	return all;
}
