/*
 * What stands between us and a Cachet: a proxy that wants headers of its own,
 * a certificate that not everybody trusts.
 */
#include <string.h>

#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/client.h"
#include "reporters/cachet.h"

enum {
	HEADERS_MAX = 32,
	VALUE_MAX = 8 * 1024,
	SHORT = 6, /* a word below that is no secret, and stands anywhere */
};

/* Which of them a request has by itself. */
static bool
is_ours(const char *name)
{
	static const char *const names[] = { "Accept", "Content-Length",
		"Content-Type", "Transfer-Encoding", "X-Cachet-Token" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ieq(name, names[i]))
			return true;
	return false;
}

static void
check_header(const struct conf_pair *header, struct conf_reader *reader)
{
	const char *name = header->key;
	const char *value = header->value;
	if (!http_is_token(name))
		conf_reject(reader, "headers",
			"\"%.80s\" is no name of a header", name);
	else if (is_ours(name))
		conf_reject(reader, "headers", "%s is set by the agent itself",
			name);
	else if (!value || *value == '\0')
		conf_reject(reader, "headers", "%.80s must not be empty", name);
	else if (!http_is_header_value(value))
		conf_reject(reader, "headers",
			"the value of %.80s has line ends or other control "
			"characters in it",
			name);
	else if (strlen(value) > VALUE_MAX)
		conf_reject(reader, "headers",
			"the value of %.80s is longer than %d bytes", name,
			VALUE_MAX);
}

void
cachet_way_check(const struct cachet_way *way, struct conf_reader *reader)
{
	const struct conf_pair *headers = way->headers.items;
	for (size_t i = 0; i < way->headers.count; i++)
		check_header(&headers[i], reader);
	if (way->headers.count > HEADERS_MAX)
		conf_reject(reader, "headers", "expected at most %d headers",
			HEADERS_MAX);
	struct err err;
	if (way->ca_file && !http_check_ca_file(way->ca_file, &err))
		conf_reject(reader, "ca_file", "%s", err.text);
	if (way->ca_file && way->insecure)
		conf_warn(reader, "ca_file",
			"does nothing where insecure takes any certificate");
}

static bool
has_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (str_ieq(request->headers[i].name, name))
			return true;
	return false;
}

/* Those of the request win: the Authorization of Cachet 3 is the token. */
void
cachet_way_take(const struct cachet_way *way, struct http_header *own,
	struct http_request *request)
{
	const struct conf_pair *headers = way->headers.items;
	size_t n = request->n_headers;
	for (size_t i = 0; i < way->headers.count; i++)
		if (!has_header(request, headers[i].key))
			own[n++] = (struct http_header){ headers[i].key,
				headers[i].value };
	request->headers = own;
	request->n_headers = n;
	request->ca_file = way->ca_file;
	request->insecure = way->insecure;
}

/* All of it, or what follows its last blank, as in "Basic dXNlcjpwYXNz". */
static bool
shows(const char *value, const char *words)
{
	const char *blank = strrchr(value, ' ');
	const char *last = blank ? blank + 1 : value;
	return (strlen(value) >= SHORT && strstr(words, value))
		|| (strlen(last) >= SHORT && strstr(words, last));
}

bool
cachet_way_shows_in(const struct cachet_way *way, const char *words)
{
	const struct conf_pair *headers = way->headers.items;
	for (size_t i = 0; i < way->headers.count; i++)
		if (shows(headers[i].value, words))
			return true;
	return false;
}
