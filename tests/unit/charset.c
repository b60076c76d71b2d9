/* A row reads: a body of this type with these bytes is this text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/utf8.h"
#include "probes/charset.h"

#define BYTES(text) (text), sizeof(text) - 1
#define BAD "\xef\xbf\xbd"
#define MARK "\xef\xbb\xbf"

static const struct {
	const char *sentence;
	const char *type; /* NULL: there is no Content-Type */
	const char *bytes;
	size_t len;
	const char *text;
	size_t text_len;
} rows[] = {
	{ "UTF-8 that says so", "text/html; charset=utf-8",
		BYTES("h\xc3\xa9llo"), BYTES("h\xc3\xa9llo") },
	{ "UTF-8 that is not", "text/html; charset=utf-8", BYTES("h\xe9llo"),
		BYTES("h" BAD "llo") },
	{ "a mark stays", "text/html; charset=utf-8", BYTES(MARK "a"),
		BYTES(MARK "a") },
	{ "Latin-1", "text/html; charset=ISO-8859-1", BYTES("h\xe9\xc3\x80"),
		BYTES("h\xc3\xa9\xc3\x83\xc2\x80") },
	{ "in quotation marks", "text/html; charset=\"iso-8859-1\"",
		BYTES("\xc3\xa9"), BYTES("\xc3\x83\xc2\xa9") },
	{ "in others, behind blanks", "text/html;charset = 'latin-1' ; a=b",
		BYTES("\xc3\xa9"), BYTES("\xc3\x83\xc2\xa9") },
	{ "the last one counts", "a; charset=utf-8; CHARSET=l1",
		BYTES("\xc3\xa9"), BYTES("\xc3\x83\xc2\xa9") },
	{ "one that nobody knows is UTF-8", "text/html; charset=klingon",
		BYTES("\xc3\xa9\xe9"), BYTES("\xc3\xa9" BAD) },
	{ "so is an empty one", "text/html; charset=", BYTES("\xe9"),
		BYTES(BAD) },
	{ "ASCII has no more than that", "text/plain; charset=us-ascii",
		BYTES("a\xc3\xa9"), BYTES("a" BAD BAD) },
	{ "windows-1252", "text/plain; charset=Windows-1252",
		BYTES("\x80\x81\xe9"), BYTES("\xe2\x82\xac" BAD "\xc3\xa9") },
	{ "windows-1255, letters and points apart", "a; charset=cp1255",
		BYTES("\xe0\xc7"), BYTES("\xd7\x90\xd6\xb7") },
	{ "KOI8-R", "text/plain; charset=koi8-r", BYTES("\xd0\xd2"),
		BYTES("\xd0\xbf\xd1\x80") },
	{ "Shift JIS", "text/plain; charset=Shift_JIS",
		BYTES("a\x83\x65\xff"
		      "b"),
		BYTES("a\xe3\x83\x86" BAD "b") },
	{ "Shift JIS, ASCII in it", "text/plain; charset=shift_jis",
		BYTES("\\~"), BYTES("\\~") },
	{ "Shift JIS without its end", "text/plain; charset=sjis",
		BYTES("a\x83"), BYTES("a" BAD) },
	{ "GB2312", "text/plain; charset=gb2312", BYTES("\xc4\xe3"),
		BYTES("\xe4\xbd\xa0") },
	{ "ISO-2022-JP", "text/plain; charset=iso-2022-jp",
		BYTES("\x1b$B%F\x1b(Ba"),
		BYTES("\xe3\x83\x86"
		      "a") },
	{ "UTF-16 with a mark, which goes", "a; charset=utf-16",
		BYTES("\xfe\xff\0h\0i"), BYTES("hi") },
	{ "UTF-16 the other way round", "a; charset=utf-16",
		BYTES("\xff\xfeh\0i\0"), BYTES("hi") },
	{ "UTF-16 without a mark", "a; charset=utf-16", BYTES("h\0i\0"),
		BYTES("hi") },
	{ "UTF-16LE, whose mark stays", "a; charset=utf-16le",
		BYTES("\xff\xfeh\0"), BYTES(MARK "h") },
	{ "half a pair", "a; charset=utf-16be", BYTES("\0a\xd8\0\0b\xdc\0\0c"),
		BYTES("a" BAD "b" BAD "c") },
	{ "an odd number of bytes", "a; charset=utf-16le", BYTES("a\0b"),
		BYTES("a" BAD) },
	{ "UTF-32", "a; charset=utf-32",
		BYTES("\xff\xfe\0\0\x00\xf6\x01\0\0\0\x11\0a\0\0\0"),
		BYTES("\xf0\x9f\x98\x80" BAD "a") },
	{ "NULs stay", "a; charset=cp1252", BYTES("a\0\xe9"),
		BYTES("a\0\xc3\xa9") },

	{ "no type, UTF-8", NULL, BYTES("h\xc3\xa9"), BYTES("h\xc3\xa9") },
	{ "no charset, UTF-8", "text/html", BYTES("h\xc3\xa9"),
		BYTES("h\xc3\xa9") },
	{ "no charset, not UTF-8", "text/html", BYTES("\xc3\xa9\xe9"),
		BYTES("\xc3\x83\xc2\xa9\xc3\xa9") },
	{ "no charset, a mark of UTF-8, not UTF-8", "text/html",
		BYTES(MARK "\xe9"), BYTES(MARK BAD) },
	{ "no charset, a mark of UTF-16, which stays", NULL,
		BYTES("\xff\xfeh\0i\0"), BYTES(MARK "hi") },
	{ "the same the other way round", NULL, BYTES("\xfe\xff\0h\0i"),
		BYTES(MARK "hi") },
	{ "no charset, a mark of UTF-32", NULL, BYTES("\xff\xfe\0\0h\0\0\0"),
		BYTES(MARK "h") },
	{ "nothing", "a; charset=utf-16", BYTES(""), BYTES("") },
	{ "no mark, only the beginning of one", NULL, BYTES("\xff"),
		BYTES("\xc3\xbf") },
};

static void
test_bytes_become_text(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf headers;
		struct buf out;
		buf_init(&headers, 1000);
		buf_add_text(&headers, "HTTP/1.1 200 OK\r\n");
		if (rows[i].type)
			buf_printf(
				&headers, "Content-Type: %s\r\n", rows[i].type);
		buf_init(&out, 1000);
		/* Without anything behind it, so that reading on is noticed. */
		char *bytes = mem_dup_n(rows[i].bytes, rows[i].len);
		const char *text = bytes;
		size_t len = rows[i].len;
		if (charset_convert(headers.data, bytes, len, &out)) {
			text = out.data;
			len = out.len;
		}
		if (len != rows[i].text_len
			|| memcmp(text, rows[i].text, len) != 0)
			fail_msg("%s: \"%.*s\"", rows[i].sentence, (int)len,
				text);
		free(bytes);
		buf_finish(&out);
		buf_finish(&headers);
	}
}

static void
test_there_is_a_ceiling_between_characters(void **unused)
{
	(void)unused;
	static const char *const types[] = {
		"latin-1",
		"cp1252",
		"utf-8",
		"big5",
		"utf-16le",
		"us-ascii",
	};
	char bytes[300];
	memset(bytes, 0xe9, sizeof(bytes));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct buf headers;
		buf_init(&headers, 1000);
		buf_printf(&headers, "X\r\nContent-Type: a; charset=%s\r\n",
			types[i]);
		for (size_t max = 0; max < 100; max++) {
			struct buf out;
			buf_init(&out, max);
			charset_convert(
				headers.data, bytes, sizeof(bytes), &out);
			if (out.len + 3 < max || out.len > max
				|| !utf8_is_valid(out.data, out.len))
				fail_msg("%s up to %zu: \"%s\"", types[i], max,
					out.data);
			buf_finish(&out);
		}
		buf_finish(&headers);
	}
}

static void
test_what_is_no_text_comes_to_an_end(void **unused)
{
	(void)unused;
	static const char headers[] =
		"X\r\nContent-Type: a; charset=shift_jis\r\n";
	size_t len = (size_t)200 * 1000;
	char *bytes = mem_alloc(len);
	memset(bytes, 0xff, len);
	struct buf out;
	buf_init(&out, len * CHARSET_GROWTH);
	assert_true(charset_convert(headers, bytes, len, &out));
	assert_in_range(out.len, 1, len);
	assert_true(utf8_is_valid(out.data, out.len));
	buf_finish(&out);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_become_text),
		cmocka_unit_test(test_there_is_a_ceiling_between_characters),
		cmocka_unit_test(test_what_is_no_text_comes_to_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
