#include "probes/decode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ZLIB_CONST
#include <zlib.h>

#include "agent/base/buf.h"
#include "probes/header.h"

enum {
	CHUNK_SIZE = 16 * 1024,
	BITS_GZIP = 16 + MAX_WBITS,
	BITS_ZLIB = MAX_WBITS,
	BITS_RAW = -MAX_WBITS,
};

/* False for a coding that we do not undo. */
static bool
coding_of(const char *name, size_t len, enum decode_coding *coding)
{
	static const struct {
		const char *name;
		enum decode_coding coding;
	} known[] = {
		{ "gzip", DECODE_GZIP },
		{ "deflate", DECODE_DEFLATE },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) == len
			&& strncasecmp(name, known[i].name, len) == 0) {
			*coding = known[i].coding;
			return true;
		}
	}
	return false;
}

/* One more around what there is. */
static void
wrap(struct decode_plan *plan, const char *name, size_t len)
{
	static const char nothing[] = "identity";
	if (len == 0
		|| (len == sizeof(nothing) - 1
			&& strncasecmp(name, nothing, len) == 0))
		return;
	enum decode_coding coding;
	if (!coding_of(name, len, &coding)) {
		*plan = (struct decode_plan){ 0 };
		return;
	}
	if (plan->n == DECODE_CODINGS_MAX) {
		plan->is_beyond = true;
		return;
	}
	memmove(plan->codings + 1, plan->codings, plan->n);
	plan->codings[0] = (uint8_t)coding;
	plan->n++;
}

static void
wrap_all(struct decode_plan *plan, const char *list, size_t len)
{
	const char *end = list + len;
	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		const char *name_end = comma ? comma : end;
		const char *name = list;
		list = comma ? comma + 1 : end;
		while (name < name_end && (*name == ' ' || *name == '\t'))
			name++;
		while (name_end > name
			&& (name_end[-1] == ' ' || name_end[-1] == '\t'))
			name_end--;
		wrap(plan, name, (size_t)(name_end - name));
	}
}

void
decode_plan(const char *headers, struct decode_plan *plan)
{
	*plan = (struct decode_plan){ 0 };
	struct header header;
	while (header_next(&headers, &header))
		if (header_is(&header, "Content-Encoding"))
			wrap_all(plan, header.value, header.value_len);
}

static bool
is_gzip(const char *bytes, size_t len)
{
	static const unsigned char magic[] = { 0x1f, 0x8b, 0x08 };
	size_t n = len < sizeof(magic) ? len : sizeof(magic);
	return memcmp(bytes, magic, n) == 0;
}

bool
decode_is_plausible(
	const struct decode_plan *plan, const char *bytes, size_t len)
{
	if (plan->is_beyond)
		return false;
	return plan->n == 0 || plan->codings[0] != DECODE_GZIP
		|| is_gzip(bytes, len);
}

/* What inflate() takes at once; more than any body that is kept. */
static uInt
piece(size_t len)
{
	static const uInt most = 1U << 30;
	return len < most ? (uInt)len : most;
}

/* In its place: zlib notes where it is. */
static void
begin(z_stream *stream, int bits)
{
	*stream = (z_stream){ 0 };
	if (inflateInit2(stream, bits) != Z_OK)
		abort(); /* no memory, or another zlib than was compiled for */
}

/*
 * One stream, from `*bytes` on, which goes behind what was taken.  False when
 * it is broken.
 */
static bool
inflate_stream(z_stream *stream, const char **bytes, size_t *len,
	struct buf *out, bool *has_ended)
{
	char chunk[CHUNK_SIZE];
	int code = Z_OK;
	*has_ended = false;
	while (code == Z_OK && !out->full) {
		uInt in = piece(*len);
		stream->next_in = (const Bytef *)*bytes;
		stream->avail_in = in;
		stream->next_out = (Bytef *)chunk;
		stream->avail_out = sizeof(chunk);
		code = inflate(stream, Z_NO_FLUSH);
		*bytes += in - stream->avail_in;
		*len -= in - stream->avail_in;
		buf_add(out, chunk, sizeof(chunk) - stream->avail_out);
	}
	if (code == Z_MEM_ERROR)
		abort();
	*has_ended = code == Z_STREAM_END;
	/* Z_BUF_ERROR: there is no more to take. */
	return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
}

/* Whatever stands behind a good one, and is not another one, is not heeded. */
static bool
undo_gzip(const char *bytes, size_t len, struct buf *out)
{
	z_stream stream;
	bool has_ended;
	begin(&stream, BITS_GZIP);
	bool good = inflate_stream(&stream, &bytes, &len, out, &has_ended);
	bool next = good && has_ended;
	while (next && len > 0 && inflateReset(&stream) == Z_OK)
		next = inflate_stream(&stream, &bytes, &len, out, &has_ended)
			&& has_ended;
	inflateEnd(&stream);
	return good;
}

static bool
undo_deflate_as(int bits, const char *bytes, size_t len, struct buf *out)
{
	z_stream stream;
	bool has_ended;
	begin(&stream, bits);
	bool good = inflate_stream(&stream, &bytes, &len, out, &has_ended);
	inflateEnd(&stream);
	return good;
}

/* It should have a wrapper, and often has none. */
static bool
undo_deflate(const char *bytes, size_t len, struct buf *out)
{
	return undo_deflate_as(BITS_ZLIB, bytes, len, out)
		|| (out->len == 0
			&& undo_deflate_as(BITS_RAW, bytes, len, out));
}

static bool
undo(enum decode_coding coding, const char *bytes, size_t len, struct buf *out)
{
	if (len == 0)
		return true;
	if (coding == DECODE_DEFLATE)
		return undo_deflate(bytes, len, out);
	/* zlib has no opinion of a single byte. */
	return is_gzip(bytes, len) && undo_gzip(bytes, len, out);
}

bool
decode_body(const struct decode_plan *plan, const char *bytes, size_t len,
	struct buf *out)
{
	if (plan->is_beyond)
		return false;
	assert(out->len == 0);
	struct buf inner;
	buf_init(&inner, out->max);
	bool good = true;
	for (size_t i = 0; good && i < plan->n; i++) {
		buf_clear(out);
		good = undo(
			(enum decode_coding)plan->codings[i], bytes, len, out);
		struct buf done = *out;
		*out = inner;
		inner = done;
		bytes = inner.data;
		len = inner.len;
	}
	struct buf last = *out;
	*out = inner;
	inner = last;
	buf_finish(&inner);
	return good;
}
