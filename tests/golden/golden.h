/*
 * Golden files: x.in.json is a case, x.out what must come of it.
 * GOLDEN_UPDATE=1 writes the .out files anew, to be read before they are
 * committed.
 */
#pragma once

#include <jansson.h>

/** Whole JSON; fails the test where it is none. */
json_t *golden_load(const char *path);

/** "STEM.out" says just this. */
void golden_assert(const char *stem, const char *text);

/** A case: STEM.in.json, read. */
typedef void golden_test_fn(json_t *game, const char *stem);

/**
 * Tests each case of these folders below GOLDEN_FOLDER, of which NULL is the
 * last; returns what main() does.
 */
int golden_run(
	const char *name, const char *const *folders, golden_test_fn *test);
