/*
 * A configuration of any version: it is migrated or refused, and what comes of
 * it is a text that needs no migration.
 */
#include <assert.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "conf/migrate.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct conf_migrate_options options = { .name = "x" };
	struct arena *arena = arena_new();
	struct conf_migration first, second;
	struct conf_mark where;
	struct err err = { 0 };
	const char *text = arena_dup_n(arena, data, size);
	bool good =
		conf_migrate(text, size, &options, arena, &first, &err, &where);
	assert(good || (*err.text != '\0' && !strchr(err.text, '\n')));
	if (good && first.changed) {
		assert(conf_migrate(first.text, first.len, &options, arena,
			&second, &err, &where));
		assert(!second.changed);
	}
	arena_free(arena);
	return 0;
}
