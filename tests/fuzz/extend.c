/*
 * A text of YAML, a NUL, and a name: where the endpoint can be put behind the
 * others, it is found there with its name, and those before it are the same.
 */
#include <assert.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "conf/conf.h"
#include "conf/draft.h"
#include "conf/extend.h"
#include "conf/yaml.h"
#include "tests/fuzz/fuzz.h"

/* How many there are; -1 where that cannot be told. */
static int
count_of(const struct conf_text *text, struct arena *arena,
	struct conf_yaml *root, const struct conf_yaml **list)
{
	struct err err;
	struct conf_mark where;
	if (text->len == 0
		|| !conf_yaml_read(
			text->text, text->len, arena, root, &err, &where)
		|| root->kind != CONF_NODE_MAP)
		return -1;
	const struct conf_yaml_item *item = conf_yaml_find(root, "endpoints");
	if (!item || item->value.kind == CONF_NODE_NULL)
		return 0;
	*list = &item->value;
	return item->value.kind == CONF_NODE_LIST && !item->value.shared
		? (int)item->value.count
		: -1;
}

/* Where it can be seen to be there, the name is that which was meant. */
static void
compare(const struct conf_yaml *last, const char *name)
{
	const struct conf_yaml_item *item = conf_yaml_find(last, "name");
	assert(item && conf_yaml_is_scalar(&item->value));
	for (const char *at = name; *at != '\0'; at++)
		if ((unsigned char)*at >= 0x80 || *at == '$')
			return;
	assert(strcmp(item->value.text, name) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	struct arena *arena = arena_new();
	const char *name = arena_dup_n(arena, parts.bytes, parts.len);
	const struct conf_draft_endpoint endpoint = {
		.name = name,
		.url = "http://x",
		.rules = { { .type = "REGEX",
			.key = "regex",
			.value = name,
			.is_text = true,
			.incident = "MAJOR" } },
		.n_rules = 1,
	};
	const struct conf_text old = { parts.text, strlen(parts.text) };
	struct conf_text text;
	struct conf_yaml before, after;
	struct err err = { "" };
	const struct conf_yaml *list = NULL;
	int was = count_of(&old, arena, &before, &list);
	/* Of odd texts no YAML may come; that is checked later. */
	if (was >= 0
		&& conf_extend(&old, &endpoint, 1, NULL, arena, &text, &err)
		&& count_of(&text, arena, &after, &list) == was + 1)
		compare(&list->items[was].value, name);
	(void)conf_extend(
		&old, &endpoint, 1, "a:\n  b: c\n", arena, &text, &err);
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
