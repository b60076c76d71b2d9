/* Headers, one a line, a NUL, and a body: a request to be signed. */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/sigv4.h"
#include "agent/base/str.h"
#include "tests/fuzz/fuzz.h"

enum {
	HEADERS_MAX = 32,
	OUT_MAX = 64 * 1024,
};

static const struct sigv4_signer signer = {
	.key_id = "AKIDEXAMPLE",
	.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.service = "secretsmanager",
	.time = "20240301T120000Z",
};

static bool
is_known(const struct sigv4_header *headers, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(headers[i].name, name))
			return true;
	return false;
}

/* Names that are there once: more of them have no order that is said. */
static size_t
read_headers(char *text, struct sigv4_header headers[static HEADERS_MAX])
{
	size_t n = 0;
	char *next;
	for (char *line = text; line && n < HEADERS_MAX; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		char *colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		if (*line != '\0' && !is_known(headers, n, line))
			headers[n++] = (struct sigv4_header){ line, colon + 1 };
	}
	return n;
}

static const char *
sign(const struct sigv4_request *request, struct arena *arena)
{
	struct buf out;
	buf_init(&out, OUT_MAX);
	sigv4_authorization(request, &signer, &out);
	const char *text = arena_dup(arena, out.data);
	buf_finish(&out);
	const char *signature = strstr(text, ", Signature=");
	assert(str_starts(text, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
	assert(signature && !strstr(text, signer.secret));
	signature += strlen(", Signature=");
	assert(strspn(signature, "0123456789abcdef") == 64
		&& signature[64] == '\0');
	return text;
}

/* A line a header, in order; each with single blanks. */
static void
check_canonical(const struct sigv4_request *request)
{
	struct buf out;
	buf_init(&out, OUT_MAX);
	sigv4_canonical(request, &out);
	size_t lines = 0;
	for (size_t i = 0; i < out.len; i++)
		lines += out.data[i] == '\n';
	assert(lines == 3 + request->n_headers + 2);
	char *at = out.data + strlen("POST\n/\n\n");
	const char *before = "";
	for (size_t i = 0; i < request->n_headers; i++) {
		char *end = strchr(at, '\n');
		char *colon = strchr(at, ':');
		assert(colon && colon < end);
		*end = *colon = '\0';
		assert(strcmp(before, at) < 0);
		for (const char *c = at; *c != '\0'; c++)
			assert(!isupper((unsigned char)*c));
		assert(!strstr(colon + 1, "  ") && !strchr(colon + 1, '\t'));
		assert(colon[1] != ' ' && (end == colon + 1 || end[-1] != ' '));
		before = at;
		at = end + 1;
	}
	assert(*at == '\n');
	buf_finish(&out);
}

/* The same request in another dress: the other way round, in capitals, with
 * more blanks. */
static void
dress(const struct sigv4_request *request, struct sigv4_header *headers,
	struct arena *arena)
{
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct sigv4_header *from =
			&request->headers[request->n_headers - 1 - i];
		char *name = arena_dup(arena, from->name);
		for (char *at = name; *at != '\0'; at++)
			*at = (char)toupper((unsigned char)*at);
		struct buf value;
		buf_init(&value, OUT_MAX);
		buf_add_text(&value, " \t ");
		for (const char *at = from->value; *at != '\0'; at++) {
			buf_add_char(&value, *at);
			if (*at == ' ')
				buf_add_text(&value, "\t ");
		}
		headers[i] = (struct sigv4_header){ name,
			arena_printf(arena, "%s ", value.data) };
		buf_finish(&value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_header dressed[HEADERS_MAX];
	struct arena *arena = arena_new();
	fuzz_split(data, size, &parts);
	struct sigv4_request request = {
		.method = "POST",
		.path = "/",
		.headers = headers,
		.n_headers = read_headers(parts.text, headers),
		.body = parts.bytes,
		.body_len = parts.len,
	};
	check_canonical(&request);
	const char *text = sign(&request, arena);

	struct sigv4_request other = request;
	other.headers = dressed;
	dress(&request, dressed, arena);
	assert(str_eq(text, sign(&other, arena)));
	other.body = "another body";
	other.body_len = strlen(other.body);
	if (parts.len != other.body_len)
		assert(!str_eq(text, sign(&other, arena)));
	other = request;
	other.path = "/x";
	assert(!str_eq(text, sign(&other, arena)));
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
