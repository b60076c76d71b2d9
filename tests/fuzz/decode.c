/* Content-Encoding, a NUL, a body. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/utf8.h"
#include "agent/http/response.h"
#include "probes/body.h"
#include "probes/decode.h"
#include "tests/fuzz/fuzz.h"

enum {
	OUT_MAX = 256 * 1024,
	TEXT_MAX = 4096,
};

static void
undo(const char *headers, const char *bytes, size_t len)
{
	struct decode_plan plan;
	struct buf out;
	decode_plan(headers, &plan);
	assert(plan.n <= DECODE_CODINGS_MAX);
	decode_is_plausible(&plan, bytes, len);
	buf_init(&out, OUT_MAX);
	if (plan.n > 0 && decode_body(&plan, bytes, len, &out))
		assert(decode_is_plausible(&plan, bytes, len));
	assert(out.len <= OUT_MAX && out.data[out.len] == '\0');
	buf_finish(&out);
}

static void
read_as_text(const char *headers, const char *bytes, size_t len)
{
	struct body body;
	struct http_response response = {
		.headers = headers,
		.body = bytes,
		.body_len = len,
		.body_cut = len % 2,
	};
	if (body_read(&body, &response, TEXT_MAX)) {
		assert(utf8_is_valid(body.text, body.len));
		assert(body.len <= (size_t)3 * TEXT_MAX);
	}
	body_finish(&body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	char *headers = fuzz_headers("Content-Encoding: ", parts.text);
	undo(headers, parts.bytes, parts.len);
	read_as_text(headers, parts.bytes, parts.len);
	free(headers);
	fuzz_free(&parts);
	return 0;
}
