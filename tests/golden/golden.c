#include "tests/golden/golden.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	FILE_MAX = 1024 * 1024,
	CASES_MAX = 1024,
	PATH_SIZE = 512,
};

static const char SUFFIX[] = ".in.json";

static golden_test_fn *tested;

json_t *
golden_load(const char *path)
{
	json_error_t where;
	json_t *json = json_load_file(path, 0, &where);
	if (!json)
		fail_msg("%s:%d: %s", path, where.line, where.text);
	return json;
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void
golden_assert(const char *stem, const char *text)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s.out", stem);
	if (getenv("GOLDEN_UPDATE"))
		write_file(path, text);
	struct buf expected;
	struct err err;
	buf_init(&expected, FILE_MAX);
	file_read(path, &expected, &err); /* "" when there is no such file */
	if (!str_eq(text, expected.data))
		fail_msg("%s: expected\n%s\nbut it is\n%s", path, expected.data,
			text);
	buf_finish(&expected);
}

static void
test_case(void **state)
{
	const char *stem = *state;
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s%s", stem, SUFFIX);
	json_t *game = golden_load(path);
	tested(game, stem);
	json_decref(game);
}

static size_t
collect(const char *folder, struct CMUnitTest *cases, size_t n)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), GOLDEN_FOLDER "/%s", folder);
	struct dirent **entries;
	int found = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < found; i++) {
		const char *name = entries[i]->d_name;
		if (str_ends(name, SUFFIX) && n < CASES_MAX) {
			size_t size = strlen(path) + strlen(name) + 2;
			char *stem = mem_alloc(size);
			snprintf(stem, size, "%s/%s", path, name);
			stem[strlen(stem) - strlen(SUFFIX)] = '\0';
			cases[n++] = (struct CMUnitTest){
				.name = stem + sizeof(GOLDEN_FOLDER),
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
golden_run(const char *name, const char *const *folders, golden_test_fn *test)
{
	static struct CMUnitTest cases[CASES_MAX];
	size_t n = 0;
	tested = test;
	for (; *folders; folders++)
		n = collect(*folders, cases, n);
	if (n == 0 || n == CASES_MAX) {
		fprintf(stderr, "%s golden files were found\n",
			n == 0 ? "no" : "too many");
		return 1;
	}
	int failed = _cmocka_run_group_tests(name, cases, n, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		free(cases[i].initial_state);
	return failed;
}
