/* A template, a NUL, and as YAML the map with which to fill it in. */
#include <assert.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/format_internal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_file.h"

enum {
	OUT_MAX = 4096,
};

struct document {
	const struct conf_node *value;
};

static const struct conf_field fields[] = {
	{ "v", CONF_TREE(struct document, value), .help = "Anything." },
	{ 0 },
};

static const struct conf_section section = {
	.name = "document",
	.size = sizeof(struct document),
	.fields = fields,
};

static const struct conf_types types;

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie;
	(void)severity;
	(void)message;
}

static const struct conf_node *
on_key_wanted(void *cookie, const char *key, const char *inside)
{
	const struct document *document = cookie;
	const struct conf_node *map = document->value;
	assert(*key != '\0' && (!inside || *inside != '\0'));
	if (!map || map->kind != CONF_NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (str_eq(map->keys[i], key))
			return &map->items[i];
	return NULL;
}

static void
fill_in(const char *text, struct document *document)
{
	struct buf out;
	struct err err = { "" };
	buf_init(&out, OUT_MAX);
	enum conf_format end =
		conf_format(text, on_key_wanted, document, &out, &err);
	assert((end == CONF_FORMAT_DONE) == (err.text[0] == '\0'));
	assert(out.len <= OUT_MAX && strlen(out.data) == out.len);
	buf_clear(&out);
	if (document->value) {
		conf_format_ascii(document->value, &out);
		for (size_t i = 0; i < out.len; i++)
			assert(out.data[i] >= ' ' && out.data[i] <= '~');
	}
	buf_finish(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	struct arena *arena = arena_new_small();
	struct document *document = conf_read(fuzz_file(parts.bytes, parts.len),
		&section, &types, arena, on_complaint, NULL);
	struct document nothing = { 0 };
	fill_in(parts.text, document ? document : &nothing);
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
