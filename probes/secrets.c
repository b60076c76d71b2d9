#include "probes/secrets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "probes/http_conf.h"

enum {
	SHORT = 4, /* a shorter one stands anywhere */
	SHORT_PIECE = 8, /* "json" and "Bearer" are no secrets */
	COVER_LEN = 3, /* "***" */
};

struct cover {
	char *text;
	struct arena *arena;
};

static bool
contains(const char *text, size_t len, const char *word)
{
	size_t word_len = strlen(word);
	for (size_t i = 0; i + word_len <= len; i++)
		if (strncasecmp(text + i, word, word_len) == 0)
			return true;
	return false;
}

bool
secrets_is_name(const char *name, size_t len)
{
	/* "auth" covers Authorization and WWW-Authenticate, too. */
	static const char *const words[] = {
		"cookie",
		"token",
		"secret",
		"key",
		"auth",
		"password",
		"session",
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (contains(name, len, words[i]))
			return true;
	return len >= 6 && strncasecmp(name, "Proxy-", 6) == 0;
}

/* Wherever it stands. */
static void
cover_word(struct cover *cover, const char *word)
{
	size_t len = strlen(word);
	if (len < SHORT)
		return;
	for (char *at = cover->text; (at = strstr(at, word)) != NULL;) {
		memcpy(at, "***", COVER_LEN);
		at += COVER_LEN;
		memmove(at, at + len - COVER_LEN,
			strlen(at + len - COVER_LEN) + 1);
	}
}

static const char *
decoded(const char *word, struct arena *arena)
{
	char *copy = arena_dup(arena, word);
	unsigned char *to = (unsigned char *)copy;
	for (const char *at = copy; *at != '\0'; at++) {
		unsigned byte = *at == '+' ? ' ' : (unsigned char)*at;
		char hex[] = { '0', '0', '\0' };
		if (*at == '%' && isxdigit((unsigned char)at[1])
			&& isxdigit((unsigned char)at[2])) {
			hex[0] = *++at;
			hex[1] = *++at;
			byte = (unsigned)strtoul(hex, NULL, 16);
		}
		*to++ = byte > 0 ? (unsigned char)byte : ' ';
	}
	*to = '\0';
	return copy;
}

/* As it stands in the URL, and as servers read it. */
static void
cover_of_url(struct cover *cover, const char *text, size_t len, size_t least)
{
	if (len < least)
		return;
	const char *word = arena_dup_n(cover->arena, text, len);
	cover_word(cover, word);
	cover_word(cover, decoded(word, cover->arena));
}

static void
cover_query(struct cover *cover, const char *query)
{
	for (const char *at = query; *at != '\0'; at += *at == '&') {
		size_t len = strcspn(at, "&");
		size_t name = strcspn(at, "=&");
		size_t from = name < len ? name + 1 : 0;
		cover_of_url(cover, at + from, len - from, SHORT_PIECE);
		at += len;
	}
}

/* Whole, and what it is made of: "Bearer x", "a=x; b=y". */
static void
cover_header(struct cover *cover, const char *value)
{
	static const char between[] = " \t;,=";
	if (strlen(value) >= SHORT_PIECE)
		cover_word(cover, value);
	for (const char *at = value; *at != '\0';) {
		at += strspn(at, between);
		size_t len = strcspn(at, between);
		if (len >= SHORT_PIECE)
			cover_word(cover, arena_dup_n(cover->arena, at, len));
		at += len;
	}
}

static void
cover_user(
	struct cover *cover, const char *user, const struct http_conf *settings)
{
	size_t len = strcspn(user, ":");
	const char *password = user + len + (user[len] == ':');
	cover_header(
		cover, http_conf_authorization(settings, user, cover->arena));
	cover_of_url(cover, password, strlen(password), SHORT);
	cover_of_url(cover, user, len, SHORT);
}

static void
cover_url(struct cover *cover, const struct http_conf *settings)
{
	const char *text;
	struct url url;
	struct err err;
	if (!url_normalise(settings->url, cover->arena, &text, &err)
		|| !url_parse(text, cover->arena, &url, &err))
		return;
	const char *query = strchr(url.target, '?');
	if (query)
		cover_query(cover, query + 1);
	if (url.user)
		cover_user(cover, url.user, settings);
}

char *
secrets_cover(char *text, const struct http_conf *settings)
{
	if (!text)
		return NULL;
	struct cover cover = { text, arena_new_small() };
	cover_url(&cover, settings);
	const struct conf_pair *pairs = settings->headers.items;
	for (size_t i = 0; i < settings->headers.count; i++)
		if (pairs[i].value
			&& secrets_is_name(pairs[i].key, strlen(pairs[i].key)))
			cover_header(&cover, pairs[i].value);
	arena_free(cover.arena);
	return text;
}
