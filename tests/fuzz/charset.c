/* Content-Type, a NUL, a body. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/buf.h"
#include "agent/base/utf8.h"
#include "probes/charset.h"
#include "tests/fuzz/fuzz.h"

static void
convert(const char *headers, const struct fuzz_parts *parts, size_t max)
{
	struct buf out;
	buf_init(&out, max);
	if (charset_convert(headers, parts->bytes, parts->len, &out)) {
		assert(utf8_is_valid(out.data, out.len));
		assert(out.len <= max && out.data[out.len] == '\0');
	} else {
		assert(utf8_is_valid(parts->bytes, parts->len));
		assert(out.len == 0);
	}
	/* Only a lack of room is a reason to stop, but for what is no text. */
	assert(max < parts->len * CHARSET_GROWTH || !out.full);
	buf_finish(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	char *headers = fuzz_headers("Content-Type: ", parts.text);
	convert(headers, &parts, parts.len * CHARSET_GROWTH);
	convert(headers, &parts, parts.len / 2);
	free(headers);
	fuzz_free(&parts);
	return 0;
}
