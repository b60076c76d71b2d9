/*
 * What another monitor was told: it is refused in one sentence, or comes out as
 * YAML with as many endpoints as were counted.  The first byte says of which
 * kind it is, or that this is to be found out.
 */
#include <assert.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "conf/import.h"
#include "tests/fuzz/fuzz.h"

static bool
is_pattern(const char *text, struct err *err)
{
	return pattern_check(text, NULL, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_import_options options = {
		.file = "file",
		.schema = "schema",
		.is_pattern = is_pattern,
	};
	if (size == 0)
		return 0;
	options.from = (enum conf_import_from)(*data % CONF_IMPORT_KINDS);
	struct arena *arena = arena_new();
	struct conf_migration import;
	struct conf_mark where;
	struct err err = { "" };
	const char *text = arena_dup_n(arena, data + 1, size - 1);
	if (!conf_import(
		    text, size - 1, &options, arena, &import, &err, &where)) {
		assert(*err.text != '\0' && !strchr(err.text, '\n'));
	} else {
		struct conf_yaml root;
		assert(conf_yaml_read(
			import.text, import.len, arena, &root, &err, &where));
		const struct conf_yaml_item *list =
			conf_yaml_find(&root, "endpoints");
		assert(list && list->value.kind == CONF_NODE_LIST);
		for (size_t i = 0; i < list->value.count; i++)
			assert(conf_yaml_find(
				&list->value.items[i].value, "url"));
	}
	arena_free(arena);
	return 0;
}
