/* What a body becomes whose headers say how it is coded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "probes/decode.h"

enum {
	GZIP = 16 + MAX_WBITS,
	ZLIB = MAX_WBITS,
	RAW = -MAX_WBITS,
	OUT_MAX = 64 * 1024,
};

static void
code_as(int bits, const void *bytes, size_t len, struct buf *out)
{
	z_stream stream = { 0 };
	assert_int_equal(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED,
				 bits, 8, Z_DEFAULT_STRATEGY),
		Z_OK);
	size_t size = deflateBound(&stream, len);
	char *coded = mem_alloc(size);
	char *plain = mem_dup_n(bytes, len);
	stream.next_in = (Bytef *)plain;
	stream.avail_in = (uInt)len;
	stream.next_out = (Bytef *)coded;
	stream.avail_out = (uInt)size;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	buf_add(out, coded, stream.total_out);
	deflateEnd(&stream);
	free(plain);
	free(coded);
}

/* "hello" in the codings of `how`, one letter each, from the inside out. */
static void
make(const char *how, struct buf *out)
{
	buf_init(out, OUT_MAX);
	buf_add_text(out, "hello");
	for (; *how != '\0'; how++) {
		struct buf next;
		buf_init(&next, OUT_MAX);
		if (*how == 'g' || *how == 'z' || *how == 'r')
			code_as(*how == 'g'	      ? GZIP
					: *how == 'z' ? ZLIB
						      : RAW,
				out->data, out->len, &next);
		else if (*how == '2') { /* the same once more */
			buf_add(&next, out->data, out->len);
			buf_add(&next, out->data, out->len);
		} else if (*how == '<') { /* without its end */
			buf_add(&next, out->data, out->len - 9);
		} else if (*how == '+') { /* with something behind it */
			buf_add(&next, out->data, out->len);
			buf_add(&next, "\0\0garbage", 9);
		} else if (*how == '!') { /* with a wrong checksum */
			buf_add(&next, out->data, out->len);
			next.data[next.len - 8] ^= 1;
		}
		buf_finish(out);
		*out = next;
	}
}

static const struct {
	const char *sentence;
	const char *how;
	const char *headers; /* behind the status line */
	const char *text; /* NULL: it is broken */
} rows[] = {
	{ "gzip", "g", "Content-Encoding: gzip\r\n", "hello" },
	{ "in whatever case", "g", "content-encoding:GZip \r\n", "hello" },
	{ "deflate in its wrapper", "z", "Content-Encoding: deflate\r\n",
		"hello" },
	{ "deflate without", "r", "Content-Encoding: deflate\r\n", "hello" },
	{ "one upon the other", "gz", "Content-Encoding: gzip, deflate\r\n",
		"hello" },
	{ "over two lines", "zg",
		"Content-Encoding: deflate\r\nContent-Encoding: gzip\r\n",
		"hello" },
	{ "the same twice", "gg", "Content-Encoding: gzip,gzip\r\n", "hello" },
	{ "five of them", "grzrg",
		"Content-Encoding: gzip, deflate, deflate, deflate, gzip\r\n",
		"hello" },
	{ "six are too many", "gggggg",
		"Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\n",
		NULL },
	{ "identity is nothing", "g",
		"Content-Encoding: identity, , gzip, identity\r\n", "hello" },
	{ "an unknown one beneath is left as it is", "g",
		"Content-Encoding: br, gzip\r\n", "hello" },
	{ "two members", "g2", "Content-Encoding: gzip\r\n", "hellohello" },
	{ "garbage behind it", "g+", "Content-Encoding: gzip\r\n", "hello" },
	{ "garbage behind deflate", "z+", "Content-Encoding: deflate\r\n",
		"hello" },
	{ "as far as it goes", "g<", "Content-Encoding: gzip\r\n", "hello" },
	{ "gzip that is none", "", "Content-Encoding: gzip\r\n", NULL },
	{ "deflate that is none", "", "Content-Encoding: deflate\r\n", NULL },
	{ "gzip around what is none", "g", "Content-Encoding: gzip, gzip\r\n",
		NULL },
	{ "a wrong checksum", "g!", "Content-Encoding: gzip\r\n", NULL },
	{ "zlib where gzip was said", "z", "Content-Encoding: gzip\r\n", NULL },
};

static void
plan_of(const char *headers, struct decode_plan *plan)
{
	struct buf text;
	buf_init(&text, OUT_MAX);
	buf_printf(&text, "HTTP/1.1 200 OK\r\n%s", headers);
	decode_plan(text.data, plan);
	buf_finish(&text);
}

static void
test_codings_are_undone(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct decode_plan plan;
		struct buf coded;
		struct buf out;
		plan_of(rows[i].headers, &plan);
		make(rows[i].how, &coded);
		buf_init(&out, OUT_MAX);
		bool good = decode_body(&plan, coded.data, coded.len, &out);
		const char *got = good ? out.data : "it is broken";
		const char *wanted =
			rows[i].text ? rows[i].text : "it is broken";
		if (strcmp(got, wanted) != 0)
			fail_msg("%s: %s", rows[i].sentence, got);
		buf_finish(&out);
		buf_finish(&coded);
	}
}

static void
test_what_is_left_as_it_is(void **unused)
{
	(void)unused;
	static const char *const headers[] = {
		"",
		"Content-Encoding:\r\n",
		"Content-Encoding: identity\r\n",
		"Content-Encoding: x-gzip\r\n",
		"Content-Encoding: br\r\n",
		"Content-Encoding: gzip, br\r\n",
		"Content-Encoding: gzip;q=1\r\n",
		"Content-Encoding: gzip deflate\r\n",
		"X-Content-Encoding: gzip\r\n",
		"X: y\r\n Content-Encoding: gzip\r\n",
	};
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct decode_plan plan;
		plan_of(headers[i], &plan);
		if (plan.n != 0 || plan.is_beyond)
			fail_msg("%s", headers[i]);
		assert_true(decode_is_plausible(&plan, "any", 3));
	}
}

static void
test_a_glance(void **unused)
{
	(void)unused;
	static const struct {
		const char *headers;
		const char *bytes;
		bool good;
	} glances[] = {
		{ "Content-Encoding: gzip\r\n", "\x1f\x8b\x08 whatever", true },
		{ "Content-Encoding: gzip\r\n", "\x1f", true },
		{ "Content-Encoding: gzip\r\n", "<html>", false },
		{ "Content-Encoding: gzip\r\n", "\x1f\x8b\x07", false },
		{ "Content-Encoding: gzip, deflate\r\n", "<html>", true },
		{ "Content-Encoding: deflate, gzip\r\n", "<html>", false },
	};
	for (size_t i = 0; i < sizeof(glances) / sizeof(glances[0]); i++) {
		struct decode_plan plan;
		plan_of(glances[i].headers, &plan);
		assert_int_equal(decode_is_plausible(&plan, glances[i].bytes,
					 strlen(glances[i].bytes)),
			glances[i].good);
	}
}

/* 64 MiB in 64 KiB, and that once more: 64 MiB in some 200 bytes. */
static void
test_a_bomb_does_not_go_off(void **unused)
{
	(void)unused;
	static const char *const headers[] = { "Content-Encoding: gzip\r\n",
		"Content-Encoding: gzip, gzip\r\n" };
	size_t size = (size_t)64 * 1024 * 1024;
	char *zeros = mem_zalloc(size);
	struct buf coded[2];
	buf_init(&coded[0], size);
	buf_init(&coded[1], size);
	code_as(GZIP, zeros, size, &coded[0]);
	code_as(GZIP, coded[0].data, coded[0].len, &coded[1]);
	free(zeros);
	for (int i = 0; i < 2; i++) {
		struct decode_plan plan;
		struct buf out;
		plan_of(headers[i], &plan);
		buf_init(&out, 1000);
		assert_true(
			decode_body(&plan, coded[i].data, coded[i].len, &out));
		assert_int_equal(out.len, 1000);
		buf_finish(&out);
		buf_init(&out, (size_t)1024 * 1024);
		assert_true(
			decode_body(&plan, coded[i].data, coded[i].len, &out));
		assert_int_equal(out.len, 1024 * 1024);
		assert_true(out.full);
		buf_finish(&out);
	}
	buf_finish(&coded[0]);
	buf_finish(&coded[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codings_are_undone),
		cmocka_unit_test(test_what_is_left_as_it_is),
		cmocka_unit_test(test_a_glance),
		cmocka_unit_test(test_a_bomb_does_not_go_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
