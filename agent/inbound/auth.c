#include "agent/inbound/auth.h"

#include <string.h>

#include <openssl/evp.h>

#include "agent/base/buf.h"
#include "agent/base/hmac.h"
#include "agent/base/str.h"
#include "agent/inbound/decode.h"
#include "agent/inbound/inbound.h"

enum {
	BASIC_MAX = 1024, /* of base64 */
	TOKEN_MAX = 4096,
};

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* What follows the scheme; NULL when it is another one. */
static const char *
after_scheme(const char *header, const char *scheme)
{
	if (!header || !str_istarts(header, scheme))
		return NULL;
	header += strlen(scheme);
	if (*header != ' ')
		return NULL;
	return header + strspn(header, " ");
}

static bool
decode(const char *text, char plain[static BASIC_MAX + 1])
{
	size_t len = strlen(text);
	size_t used = strspn(text, letters);
	size_t pad = strspn(text + used, "=");
	if (len == 0 || len > BASIC_MAX || len % 4 != 0 || pad > 2
		|| used + pad != len)
		return false;
	int got = EVP_DecodeBlock(
		(unsigned char *)plain, (const unsigned char *)text, (int)len);
	if (got < (int)pad)
		return false;
	plain[(size_t)got - pad] = '\0';
	return strlen(plain) == (size_t)got - pad;
}

/* The user ends at the first colon; the password may have more. */
static bool
is_basic(const char *given, const struct conf_inbound *source)
{
	char plain[BASIC_MAX + 1];
	if (!decode(given, plain))
		return false;
	char *colon = strchr(plain, ':');
	if (!colon)
		return false;
	*colon = '\0';
	bool is_user = hmac_same_text(plain, source->user);
	bool is_password = hmac_same_text(
		colon + 1, source->password ? source->password : "");
	return is_user && is_password;
}

/* In a URL a `+` may stand for a blank, or for itself. */
static bool
is_token(const char *at, size_t len, const char *token)
{
	bool same = false;
	for (int i = 0; i < 2; i++) {
		struct buf buf;
		buf_init(&buf, TOKEN_MAX);
		inbound_unescape(at, len, i == 0 ? ' ' : '+', &buf);
		same |= !buf.full && hmac_same_text(buf.data, token);
		buf_finish(&buf);
	}
	return same;
}

/* NULL when the query has none. */
static const char *
token_in(const char *query, size_t *len)
{
	static const char *const names[] = { "auth_token=", "token=" };
	while (*query != '\0') {
		size_t field = strcspn(query, "&");
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			size_t name = strlen(names[i]);
			if (!str_starts(query, names[i]))
				continue;
			*len = field - name;
			return query + name;
		}
		query += field + (query[field] == '&');
	}
	return NULL;
}

struct tally {
	bool given;
	bool good;
};

static void
try_token(const struct inbound_request *request, struct tally *tally)
{
	const char *token = request->source->token;
	const char *bearer = after_scheme(
		inbound_header(request, "Authorization"), "Bearer");
	size_t len = 0;
	const char *in_query = token_in(request->query, &len);
	tally->given |= bearer || in_query;
	if (bearer && hmac_same_text(bearer, token))
		tally->good = true;
	if (in_query && is_token(in_query, len, token))
		tally->good = true;
}

static void
try_basic(const struct inbound_request *request, struct tally *tally)
{
	const char *given =
		after_scheme(inbound_header(request, "Authorization"), "Basic");
	tally->given |= given != NULL;
	if (given && is_basic(given, request->source))
		tally->good = true;
}

static void
try_key(const struct inbound_request *request, struct tally *tally)
{
	const struct conf_inbound *source = request->source;
	const char *given = inbound_header(request, source->header);
	tally->given |= given != NULL;
	if (given && hmac_same_text(given, source->key))
		tally->good = true;
}

enum inbound_auth
inbound_authorize(const struct inbound_request *request)
{
	const struct conf_inbound *source = request->source;
	struct tally tally = { 0 };
	if (!source->user && !source->token && !source->key)
		return INBOUND_AUTH_GOOD;
	if (source->token)
		try_token(request, &tally);
	if (source->user)
		try_basic(request, &tally);
	if (source->key)
		try_key(request, &tally);
	if (tally.good)
		return INBOUND_AUTH_GOOD;
	return tally.given ? INBOUND_AUTH_WRONG : INBOUND_AUTH_NONE;
}

/* What is not given, of what the source has. */
static const char *
what_lacks(const struct conf_inbound *source)
{
	if (source->user && !source->token && !source->key)
		return "it gives no user and password, which this source wants";
	if (source->token && !source->user && !source->key)
		return "it gives no token, which this source wants";
	if (source->key && !source->user && !source->token)
		return "it lacks the header with the key of this source";
	return "it gives none of the credentials of this source";
}

const char *
inbound_auth_fault(const struct inbound_request *request)
{
	const struct conf_inbound *source = request->source;
	struct tally token = { 0 }, basic = { 0 }, key = { 0 };
	if (source->token)
		try_token(request, &token);
	if (source->user)
		try_basic(request, &basic);
	if (source->key)
		try_key(request, &key);
	if (basic.given)
		return "its user or password is not that of this source";
	if (token.given)
		return "its token is not that of this source";
	if (key.given)
		return "its key is not that of this source";
	if (inbound_header(request, "Authorization"))
		return "its Authorization is of a kind that this source does "
		       "not take";
	return what_lacks(source);
}

const char *
inbound_challenge(const struct conf_inbound *source)
{
	return source->user ? "Basic realm=\"curlew\""
			    : "Bearer realm=\"curlew\"";
}
