/* What a terminal is shown of texts that came from elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/base/str.h"
#include "agent/cli/terminal.h"

static void
print_wide(const char *text)
{
	cli_print_padded(text, 6);
}

static void
print_indented(const char *text)
{
	cli_print(text, "> ");
}

static const struct {
	const char *sentence;
	void (*print)(const char *text);
	const char *text;
	const char *shown;
} rows[] = {
	{ "a cell ends where the next begins", print_wide, "abc", "abc   " },
	{ "a wide one is not cut", print_wide, "abcdefgh", "abcdefgh" },
	{ "characters count, not bytes", print_wide, "\xec\x83\xb5",
		"\xec\x83\xb5     " },
	{ "a cell is on one line", print_wide, "a\nb\tc", "a b c " },
	{ "and as wide as it was counted", print_wide, "a\r\nb\x1b", "a? b? " },
	{ "lines are indented", print_indented, "a\nb\n", "> a\n> b\n" },
	{ "nothing is obeyed", print_indented, "a\x1b[2Jb\r\n\x7f",
		"> a?[2Jb\n> ?" },
};

static void
test_what_is_shown(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *shown = NULL;
		size_t size = 0;
		FILE *before = stdout;
		stdout = open_memstream(&shown, &size);
		rows[i].print(rows[i].text);
		fclose(stdout);
		stdout = before;
		if (!str_eq(shown, rows[i].shown))
			fail_msg("%s: \"%s\"", rows[i].sentence, shown);
		free(shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
