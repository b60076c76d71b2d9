/* A file of YAML or of JSON. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/import_parts.h"
#include "conf/scalar.h"
#include "conf/yaml.h"

enum {
	JSON_FLAGS = JSON_INDENT(2) | JSON_PRESERVE_ORDER,
};

const struct conf_yaml_item *
conf_import_find(const struct conf_yaml *map, const char *key)
{
	if (map->kind != CONF_NODE_MAP)
		return NULL;
	const struct conf_yaml_item *found = NULL;
	for (size_t i = 0; i < map->count; i++)
		if (str_ieq(map->items[i].key, key))
			found = &map->items[i];
	return found;
}

const char *
conf_import_text(const struct conf_yaml *map, const char *key)
{
	const struct conf_yaml_item *item = conf_import_find(map, key);
	return item && conf_yaml_is_scalar(&item->value)
			&& item->value.kind != CONF_NODE_NULL
		? item->value.text
		: NULL;
}

const char *
conf_import_only_text(const struct conf_yaml *map, const char *key)
{
	const struct conf_yaml_item *item = conf_import_find(map, key);
	return item && item->value.kind == CONF_NODE_TEXT ? item->value.text
							  : NULL;
}

bool
conf_import_is_true(const struct conf_yaml *map, const char *key)
{
	const char *text = conf_import_text(map, key);
	return text && conf_scalar_is_bool_word(text) && conf_scalar_bool(text);
}

bool
conf_import_is_no_boolean(const struct conf_yaml_item *item)
{
	return item && item->value.kind != CONF_NODE_NULL
		&& !(conf_yaml_is_scalar(&item->value)
			&& conf_scalar_is_bool_word(item->value.text));
}

/* JSON is YAML but for some escapes, which another parser takes away. */
static bool
read_json(struct conf_importer *importer, const char *text, size_t len,
	struct conf_yaml *root)
{
	json_error_t error;
	json_t *json = json_loadb(text, len, 0, &error);
	if (!json)
		return false;
	char *dump = json_dumps(json, JSON_FLAGS);
	json_decref(json);
	const char *plain = dump ? arena_dup(importer->arena, dump) : NULL;
	free(dump);
	struct err err;
	struct conf_mark where;
	return plain
		&& conf_yaml_read(plain, strlen(plain), importer->arena, root,
			&err, &where);
}

bool
conf_import_read(struct conf_importer *importer, const char *text, size_t len,
	struct conf_yaml *root, bool *elsewhere)
{
	*elsewhere = false;
	if (conf_yaml_read(text, len, importer->arena, root, importer->err,
		    importer->where)) {
		*importer->where = (struct conf_mark){ 0 };
		return true;
	}
	*elsewhere = read_json(importer, text, len, root);
	if (*elsewhere)
		*importer->where = (struct conf_mark){ 0 };
	return *elsewhere;
}
