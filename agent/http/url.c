#include "agent/http/url.h"

#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/url_parts.h"

bool
url_origin(const char *text, struct url_origin *origin, struct err *err)
{
	struct url_piece all = url_piece(text, strlen(text));
	if (!url_check_characters(all, err))
		return false;
	struct url_parts parts = url_split(all);
	struct url_authority authority;
	return url_read_origin(&parts, &authority, origin, err);
}

bool
url_parse(
	const char *text, struct arena *arena, struct url *url, struct err *err)
{
	struct url_piece all = url_piece(text, strlen(text));
	if (!url_check_characters(all, err))
		return false;
	struct url_parts parts = url_split(all);
	struct url_authority authority;
	struct url_origin origin;
	if (!url_read_origin(&parts, &authority, &origin, err))
		return false;
	*url = (struct url){
		.scheme = origin.tls ? "https" : "http",
		.host = arena_dup(arena, origin.host),
		.port = origin.port,
		.target = arena_printf(arena, "%s%.*s%s%.*s",
			parts.path.len == 0 ? "/" : "", (int)parts.path.len,
			parts.path.at, parts.query.at ? "?" : "",
			(int)parts.query.len,
			parts.query.at ? parts.query.at : ""),
	};
	if (authority.user.at)
		url->user = arena_dup_n(
			arena, authority.user.at, authority.user.len);
	return true;
}

static bool
is_escape(struct url_piece text, size_t at)
{
	return at + 2 < text.len && isxdigit((unsigned char)text.at[at + 1])
		&& isxdigit((unsigned char)text.at[at + 2]);
}

/* As they are, but for what may not be in a URL, and `extra`. */
static void
add_encoded(struct buf *buf, struct url_piece text, const char *extra)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool good = c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c)
			&& !strchr(extra, c)
			&& (c != '%' || is_escape(text, i));
		if (good)
			buf_add_char(buf, (char)c);
		else
			buf_printf(buf, "%%%02X", c);
	}
}

/*
 * libcurl hands the name to libidn2 in the encoding of the locale, which the
 * program leaves alone; so this thread has one that knows UTF-8 for a moment.
 */
static char *
ascii_name(const char *url)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!utf8)
		return NULL;
	locale_t before = uselocale(utf8);
	CURLU *handle = curl_url();
	char *host = NULL;
	if (handle && curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK
		&& curl_url_get(handle, CURLUPART_HOST, &host, CURLU_PUNYCODE)
			!= CURLUE_OK) {
		/* libcurl 7.88 leaves us a copy of the name if it fails. */
		curl_free(host);
		host = NULL;
	}
	curl_url_cleanup(handle);
	uselocale(before);
	freelocale(utf8);
	return host;
}

static bool
is_ascii(struct url_piece text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

/*
 * Some letters become one that ends a host: without this check, who writes a
 * wide / or @ in it would have somebody else asked than it seems.
 */
static bool
is_name(const char *ascii)
{
	const struct url_authority authority = {
		.host = url_piece(ascii, strlen(ascii)),
	};
	char host[URL_HOST_SIZE];
	struct err err;
	return url_read_host(&authority, host, &err);
}

static bool
add_host(
	struct buf *buf, const struct url_authority *authority, struct err *err)
{
	struct url_piece host = authority->host;
	if (is_ascii(host)) {
		buf_printf(buf, authority->literal ? "[%.*s]" : "%.*s",
			(int)host.len, host.at);
		return true;
	}
	char url[URL_HOST_SIZE + 16];
	char *ascii = NULL;
	if (host.len < URL_HOST_SIZE) {
		snprintf(url, sizeof(url), "http://%.*s/", (int)host.len,
			host.at);
		ascii = ascii_name(url);
	}
	if (!ascii || !is_name(ascii)) {
		curl_free(ascii);
		return err_set(err,
			"the host is no international name (IDNA) in UTF-8");
	}
	buf_add_text(buf, ascii);
	curl_free(ascii);
	return true;
}

static bool
add_parts(struct buf *buf, const struct url_parts *parts, struct err *err)
{
	struct url_authority authority;
	if (!url_check_scheme(parts, err)
		|| !url_split_authority(parts->authority, &authority, err))
		return false;
	buf_add_text(
		buf, url_piece_is(parts->scheme, "https") ? "https" : "http");
	buf_add_text(buf, "://");
	if (authority.user.at) {
		add_encoded(buf, authority.user, "@");
		buf_add_char(buf, '@');
	}
	if (!add_host(buf, &authority, err))
		return false;
	if (authority.port.len > 0)
		buf_printf(buf, ":%.*s", (int)authority.port.len,
			authority.port.at);
	add_encoded(buf, parts->path, "");
	if (parts->query.at) {
		buf_add_char(buf, '?');
		add_encoded(buf, parts->query, "");
	}
	return true;
}

/* An absolute URL from its parts, checked as everything else will check it. */
static bool
compose(const struct url_parts *parts, struct arena *arena, const char **url,
	struct err *err)
{
	struct buf buf;
	buf_init(&buf, URL_MAX + 1);
	struct url_origin origin;
	bool good = add_parts(&buf, parts, err)
		&& url_origin(buf.data, &origin, err);
	if (good)
		*url = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return good;
}

static struct url_piece
without_blanks(const char *text)
{
	size_t len = strlen(text);
	while (len > 0 && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	return url_piece(text, len);
}

/* A host and a port look like a scheme: only :// tells. */
static bool
names_scheme(struct url_piece text)
{
	size_t len = url_scheme_length(text.at);
	if (len == 0)
		return false;
	struct url_piece scheme = url_piece(text.at, len);
	return str_starts(text.at + len, "://") || url_piece_is(scheme, "http")
		|| url_piece_is(scheme, "https");
}

bool
url_normalise(const char *text, struct arena *arena, const char **url,
	struct err *err)
{
	struct url_piece what = without_blanks(text);
	if (what.len == 0)
		return err_set(err, "is empty; http://example.net/ is a URL");
	if (!url_check_characters(what, err))
		return false;
	if (!names_scheme(what)) {
		bool slashes =
			what.len >= 2 && what.at[0] == '/' && what.at[1] == '/';
		const char *whole = arena_printf(arena, "http:%s%.*s",
			slashes ? "" : "//", (int)what.len, what.at);
		what = url_piece(whole, strlen(whole));
	}
	struct url_parts parts = url_split(what);
	return compose(&parts, arena, url, err);
}

/* RFC 3986, 5.2.4, in place: what is written never passes what is read. */
static struct url_piece
without_dots(char *path, size_t len)
{
	size_t out = 0, in = 0;
	while (in < len) {
		size_t end = in + (path[in] == '/');
		while (end < len && path[end] != '/')
			end++;
		struct url_piece segment = url_piece(path + in, end - in);
		bool last = end == len;
		if (url_piece_is(segment, "/.")
			|| url_piece_is(segment, "/..")) {
			bool up = segment.len == 3;
			while (up && out > 0 && path[--out] != '/')
				continue;
			if (last)
				path[out++] = '/';
		} else {
			memmove(path + out, segment.at, segment.len);
			out += segment.len;
		}
		in = end;
	}
	return url_piece(path, out);
}

/* RFC 3986, 5.2.3. */
static struct url_piece
merge(const struct url_parts *base, struct url_piece path, struct arena *arena)
{
	const char *slash = url_piece_last(base->path, '/');
	size_t keep = slash ? (size_t)(slash - base->path.at) + 1 : 0;
	char *merged = arena_printf(arena, "%s%.*s%.*s", slash ? "" : "/",
		(int)keep, base->path.at, (int)path.len, path.at);
	return without_dots(merged, strlen(merged));
}

static struct url_piece
tidy(struct url_piece path, struct arena *arena)
{
	return without_dots(arena_dup_n(arena, path.at, path.len), path.len);
}

/* RFC 3986, 5.2.2. */
bool
url_resolve(const char *base, const char *location, struct arena *arena,
	const char **url, struct err *err)
{
	struct url_piece from = without_blanks(base);
	struct url_piece to = without_blanks(location);
	if (!url_check_characters(from, err) || !url_check_characters(to, err))
		return false;
	struct url_parts parts = url_split(to), at = url_split(from);
	bool rooted = parts.path.len > 0 && *parts.path.at == '/';
	if (parts.scheme.at || parts.authority.at || rooted) {
		parts.path = tidy(parts.path, arena);
	} else if (parts.path.len == 0) {
		parts.path = at.path;
		if (!parts.query.at)
			parts.query = at.query;
	} else {
		parts.path = merge(&at, parts.path, arena);
	}
	if (!parts.scheme.at) {
		parts.scheme = at.scheme;
		if (!parts.authority.at)
			parts.authority = at.authority;
	}
	return compose(&parts, arena, url, err);
}

/* Where user, host and port begin in a text that may lack a scheme. */
static const char *
authority_in(const char *text)
{
	size_t scheme = url_scheme_length(text);
	if (scheme > 0 && str_starts(text + scheme, "://"))
		return text + scheme + 3;
	return str_starts(text, "//") ? text + 2 : text;
}

const char *
url_public(const char *text, struct arena *arena)
{
	const char *at = authority_in(text);
	struct url_piece whole = url_piece(at, strcspn(at, "/?#"));
	struct url_authority authority;
	char host[URL_HOST_SIZE];
	uint16_t port;
	struct err err;

	/* Where this makes no host, there may be a password with a slash in
	 * it: then nothing before the last @ is shown. */
	if (!url_split_authority(whole, &authority, &err)
		|| !url_read_host(&authority, host, &err)
		|| !url_read_port(authority.port, 0, &port, &err))
		whole.len = strlen(at);
	const char *sign = url_piece_last(whole, '@');
	if (!sign)
		return arena_dup(arena, text);
	return arena_printf(arena, "%.*s%s", (int)(at - text), text, sign + 1);
}

const char *
url_covered(const char *text, struct arena *arena)
{
	struct url url;
	struct arena *scratch = arena_new();
	struct err err;
	const char *covered = "...";
	if (url_parse(text, scratch, &url, &err)) {
		bool literal = strchr(url.host, ':') != NULL;
		bool tls = str_eq(url.scheme, "https");
		char port[8] = "";
		if (url.port != (tls ? 443 : 80))
			snprintf(port, sizeof(port), ":%u", url.port);
		covered = arena_printf(arena, "%s://%s%s%s%s%s", url.scheme,
			literal ? "[" : "", url.host, literal ? "]" : "", port,
			str_eq(url.target, "/") ? "/" : "/...");
	}
	arena_free(scratch);
	return covered;
}

void
url_add_form(struct buf *buf, const char *text)
{
	for (const char *at = text; *at; at++) {
		unsigned char c = (unsigned char)*at;
		if (isalnum(c) || strchr("_.-~", c))
			buf_add_char(buf, *at);
		else if (c == ' ')
			buf_add_char(buf, '+');
		else
			buf_printf(buf, "%%%02X", c);
	}
}
