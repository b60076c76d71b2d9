/*
 * Golden files: each x.in.json beside x.out, which says what the reporter sent
 * and what came of it.  GOLDEN_UPDATE=1 writes the .out files anew, to be read
 * before they are committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/golden/play.h"

enum {
	FILE_MAX = 1024 * 1024,
	CASES_MAX = 1024,
	PATH_SIZE = 512,
};

/* "" when there is no such file. */
static char *
read_file(const char *path)
{
	struct buf buf;
	buf_init(&buf, FILE_MAX);
	struct err err;
	file_read(path, &buf, &err);
	char *text = buf_steal(&buf);
	buf_finish(&buf);
	return text;
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
test_case(void **state)
{
	const char *stem = *state;
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s.in.json", stem);
	json_error_t where;
	json_t *game = json_load_file(path, 0, &where);
	if (!game)
		fail_msg("%s:%d: %s", path, where.line, where.text);

	char *text = play(game);
	json_decref(game);
	snprintf(path, sizeof(path), "%s.out", stem);
	if (getenv("GOLDEN_UPDATE"))
		write_file(path, text);
	char *expected = read_file(path);
	bool same = str_eq(text, expected);
	if (!same)
		print_error("%s: expected\n%s\nbut it is\n%s\n", path, expected,
			text);
	free(expected);
	free(text);
	assert_true(same);
}

static size_t
collect(const char *kind, struct CMUnitTest *cases, size_t n)
{
	char folder[PATH_SIZE];
	snprintf(folder, sizeof(folder), GOLDEN_FOLDER "/%s", kind);
	struct dirent **entries;
	int found = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < found; i++) {
		const char *name = entries[i]->d_name;
		if (str_ends(name, ".in.json") && n < CASES_MAX) {
			size_t size = strlen(folder) + strlen(name) + 2;
			char *stem = mem_alloc(size);
			snprintf(stem, size, "%s/%s", folder, name);
			stem[strlen(stem) - strlen(".in.json")] = '\0';
			cases[n++] = (struct CMUnitTest){
				.name = strstr(stem, kind),
				.test_func = test_case,
				.initial_state = stem,
			};
		}
		free(entries[i]);
	}
	if (found >= 0)
		free((void *)entries);
	return n;
}

int
main(void)
{
	static struct CMUnitTest cases[CASES_MAX];
	size_t n = collect("cachet", cases, 0);
	n = collect("dingtalk", cases, n);
	n = collect("email", cases, n);
	n = collect("feishu", cases, n);
	n = collect("slack", cases, n);
	n = collect("webhook", cases, n);
	n = collect("wecom", cases, n);
	if (n == 0) {
		fputs("no golden files were found\n", stderr);
		return 1;
	}
	int failed = _cmocka_run_group_tests("reporters", cases, n, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		free(cases[i].initial_state);
	return failed;
}
