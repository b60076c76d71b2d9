#include "conf/explain.h"

#include <string.h>

#include "agent/base/str.h"
#include "conf/suggest.h"

enum {
	KEY_SIZE = 256,
};

/* Whether an entry is what `key` says; the best rule that finds any counts. */
typedef bool match_fn(const struct conf_entry *entry, const char *key);

/* Without "[3] (shop)", which complaints have in a path. */
static void
strip(const char *key, char plain[static KEY_SIZE])
{
	size_t len = 0;
	while (*key != '\0' && len + 1 < KEY_SIZE) {
		char close = *key == '[' ? ']' : ')';
		bool opens = *key == '[' || str_starts(key, " (");
		const char *end = opens ? strchr(key, close) : NULL;
		if (end)
			key = end + 1;
		else
			plain[len++] = *key++;
	}
	while (len > 0 && (plain[len - 1] == ':' || plain[len - 1] == '.'))
		len--;
	plain[len] = '\0';
}

/* What of `path` may be `key`; NULL when the key is longer or begins amid. */
static const char *
end_of(const char *path, const char *key)
{
	size_t path_len = strlen(path), len = strlen(key);
	const char *end = len <= path_len ? path + path_len - len : NULL;
	return end && (end == path || end[-1] == '.') ? end : NULL;
}

static bool
ends_with(const char *path, const char *key)
{
	const char *end = end_of(path, key);
	return end && str_eq(end, key);
}

static bool
ends_like(const char *path, const char *key)
{
	const char *end = end_of(path, key);
	return end && str_ieq(end, key);
}

static bool
is_whole(const struct conf_entry *entry, const char *key)
{
	return str_eq(entry->path, key) || str_eq(entry->full, key);
}

static bool
is_end(const struct conf_entry *entry, const char *key)
{
	return ends_with(entry->path, key) || ends_with(entry->full, key);
}

static bool
is_end_in_any_case(const struct conf_entry *entry, const char *key)
{
	return ends_like(entry->path, key) || ends_like(entry->full, key);
}

static bool
is_alias(const struct conf_entry *entry, const char *key)
{
	const char *dot = strrchr(key, '.');
	return entry->field && entry->field->alias
		&& str_ieq(entry->field->alias, dot ? dot + 1 : key);
}

static bool
is_value(const struct conf_entry *entry, const char *key)
{
	const struct conf_choice *choice =
		entry->field ? entry->field->choices : NULL;
	for (; choice && choice->name; choice++)
		if (str_ieq(choice->name, key))
			return true;
	return false;
}

static bool
is_word(const struct conf_entry *entry, const char *key)
{
	const struct conf_word *word =
		entry->field ? entry->field->words : NULL;
	size_t len = strlen(key);
	for (; word && word->name; word++)
		if (len == strlen(word->name) + 2 && key[0] == '{'
			&& strncmp(key + 1, word->name, len - 2) == 0)
			return true;
	return false;
}

static const char *
nearest(const struct conf_outline *outline, const char *key)
{
	struct conf_suggestion suggestion = { .word = key };
	for (size_t i = 0; i < outline->count; i++) {
		const struct conf_entry *entry = &outline->entries[i];
		conf_suggest(&suggestion, entry->name);
		conf_suggest(&suggestion, entry->path);
		conf_suggest(&suggestion, entry->full);
		if (entry->field)
			conf_suggest(&suggestion, entry->field->alias);
	}
	return suggestion.best;
}

void
conf_explain_find(const struct conf_outline *outline, const char *key,
	struct conf_found *found)
{
	static match_fn *const rules[] = { is_whole, is_end, is_end_in_any_case,
		is_alias, is_value, is_word };
	char plain[KEY_SIZE];
	*found = (struct conf_found){ 0 };
	strip(key, plain);
	for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
		for (size_t i = 0; i < outline->count; i++)
			if (found->count < CONF_FOUND_MAX
				&& rules[r](&outline->entries[i], plain))
				found->entries[found->count++] =
					&outline->entries[i];
		if (found->count > 0)
			return;
	}
	found->near = nearest(outline, plain);
}

size_t
conf_explain_inside(
	const struct conf_outline *outline, const struct conf_entry *entry)
{
	const struct conf_entry *end = outline->entries + outline->count;
	size_t count = 0;
	while (entry + count + 1 < end && entry[count + 1].depth > entry->depth)
		count++;
	return count;
}
