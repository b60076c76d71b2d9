#include "agent/http/url_parts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "agent/base/err.h"
#include "agent/base/str.h"

struct url_piece
url_piece(const char *at, size_t len)
{
	return (struct url_piece){ .at = at, .len = len };
}

bool
url_piece_is(struct url_piece piece, const char *text)
{
	return piece.len == strlen(text)
		&& strncasecmp(piece.at, text, piece.len) == 0;
}

const char *
url_piece_last(struct url_piece piece, char c)
{
	for (size_t i = piece.len; i > 0; i--)
		if (piece.at[i - 1] == c)
			return piece.at + i - 1;
	return NULL;
}

size_t
url_scheme_length(const char *text)
{
	if (!isalpha((unsigned char)*text))
		return 0;
	size_t len = 1;
	while (isalnum((unsigned char)text[len])
		|| (text[len] != '\0' && strchr("+-.", text[len])))
		len++;
	return text[len] == ':' ? len : 0;
}

struct url_parts
url_split(struct url_piece text)
{
	struct url_parts parts = { 0 };
	const char *at = text.at;
	const char *end = memchr(text.at, '#', text.len);
	if (!end)
		end = text.at + text.len;

	size_t scheme = url_scheme_length(at);
	if (scheme > 0) {
		parts.scheme = url_piece(at, scheme);
		at += scheme + 1;
	}
	if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
		at += 2;
		size_t len = 0;
		while (at + len < end && !strchr("/?", at[len]))
			len++;
		parts.authority = url_piece(at, len);
		at += len;
	}
	const char *mark = memchr(at, '?', (size_t)(end - at));
	if (mark)
		parts.query = url_piece(mark + 1, (size_t)(end - mark - 1));
	parts.path = url_piece(at, (size_t)((mark ? mark : end) - at));
	return parts;
}

bool
url_split_authority(
	struct url_piece text, struct url_authority *parts, struct err *err)
{
	*parts = (struct url_authority){ 0 };
	const char *at = text.at, *end = text.at + text.len;
	const char *sign = url_piece_last(text, '@');
	if (sign) {
		parts->user = url_piece(at, (size_t)(sign - at));
		at = sign + 1;
	}
	const char *rest;
	if (at < end && *at == '[') {
		rest = memchr(at, ']', (size_t)(end - at));
		if (!rest)
			return err_set(err,
				"the address in brackets has no closing ]");
		parts->literal = true;
		parts->host = url_piece(at + 1, (size_t)(rest - at - 1));
		rest++;
	} else {
		rest = memchr(at, ':', (size_t)(end - at));
		if (!rest)
			rest = end;
		parts->host = url_piece(at, (size_t)(rest - at));
	}
	if (rest < end && *rest != ':')
		return err_set(err,
			"a port behind an address in brackets needs a colon");
	if (rest < end)
		parts->port = url_piece(rest + 1, (size_t)(end - rest - 1));
	return true;
}

bool
url_read_port(struct url_piece digits, uint16_t fallback, uint16_t *port,
	struct err *err)
{
	*port = fallback;
	if (!digits.at || digits.len == 0)
		return true;
	char text[8] = "";
	int64_t number = 0;
	if (digits.len < sizeof(text))
		memcpy(text, digits.at, digits.len);
	if (!isdigit((unsigned char)*text) || !str_int(text, &number)
		|| number < 1 || number > UINT16_MAX)
		return err_set(err, "a port is a number from 1 to 65535");
	*port = (uint16_t)number;
	return true;
}

static bool
may_be_in_name(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("-._~", c));
}

static bool
check_name(const char *host, struct err *err)
{
	if (*host == '\0' || str_eq(host, "."))
		return err_set(err, "has no host; http://example.net/ has one");
	for (const char *at = host; *at; at++)
		if (!may_be_in_name(*at))
			return err_set(err,
				"a host is made of letters, digits, - and .");
	return true;
}

bool
url_read_host(const struct url_authority *parts,
	char host[static URL_HOST_SIZE], struct err *err)
{
	if (parts->host.len >= URL_HOST_SIZE)
		return err_set(
			err, "the host is longer than the 253 bytes of a name");
	for (size_t i = 0; i < parts->host.len; i++) {
		host[i] = parts->host.at[i];
		if (host[i] >= 'A' && host[i] <= 'Z')
			host[i] |= 0x20;
	}
	host[parts->host.len] = '\0';

	if (!parts->literal)
		return check_name(host, err);
	struct in6_addr address;
	if (strlen(host) != parts->host.len
		|| inet_pton(AF_INET6, host, &address) != 1)
		return err_set(err, "between brackets stands an IPv6 address");
	return true;
}

bool
url_check_scheme(const struct url_parts *parts, struct err *err)
{
	if (!parts->scheme.at)
		return err_set(
			err, "has no scheme; http:// or https:// is one");
	if (!url_piece_is(parts->scheme, "http")
		&& !url_piece_is(parts->scheme, "https"))
		return err_set(err,
			"the scheme %.*s is not supported; http and https are",
			parts->scheme.len < 20 ? (int)parts->scheme.len : 20,
			parts->scheme.at);
	if (!parts->authority.at)
		return err_set(err,
			"has no host; behind the scheme stands // and a host");
	return true;
}

bool
url_read_origin(const struct url_parts *parts, struct url_authority *authority,
	struct url_origin *origin, struct err *err)
{
	if (!url_check_scheme(parts, err))
		return false;
	origin->tls = url_piece_is(parts->scheme, "https");
	return url_split_authority(parts->authority, authority, err)
		&& url_read_host(authority, origin->host, err)
		&& url_read_port(authority->port, origin->tls ? 443 : 80,
			&origin->port, err);
}

bool
url_check_characters(struct url_piece text, struct err *err)
{
	if (text.len > URL_MAX)
		return err_set(err, "is longer than %d bytes", URL_MAX);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		if (c < ' ' || c == 0x7f)
			return err_set(err, "has a control character in it");
	}
	return true;
}
