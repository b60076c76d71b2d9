#include "tests/conf/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"

enum {
	TEXT_MAX = 1024 * 1024,
};

struct conf_text
golden_read(const char *path, struct arena *arena)
{
	struct conf_text text = { 0 };
	struct err err;
	if (!conf_migrate_read(path, arena, &text, &err))
		fail_msg("%s: %s", path, err.text);
	return text;
}

void
golden_assert(const char *path, const char *text, struct arena *arena)
{
	if (getenv("GOLDEN_UPDATE")) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_true(fputs(text, file) >= 0);
		assert_int_equal(fclose(file), 0);
	}
	const char *expected = golden_read(path, arena).text;
	if (!str_eq(text, expected))
		fail_msg("%s\n--- is\n%s--- not\n%s", path, text, expected);
}

const char *
golden_report(const struct conf_migration *migration,
	const char *const names[static 3], struct arena *arena)
{
	struct buf out;
	buf_init(&out, TEXT_MAX);
	buf_printf(&out, "format: %s\n", migration->format);
	for (const struct conf_note *note = migration->notes; note;
		note = note->next)
		buf_printf(&out, "%s: %u:%u: %s\n", names[note->kind],
			note->mark.line, note->mark.column, note->text);
	const char *text = arena_dup(arena, out.data);
	buf_finish(&out);
	return text;
}
