/*
 * Answers compare.py: what curlew makes of each of its inputs.
 *
 *     answer scalars             the inputs are plain scalars
 *     answer documents           whole files
 *     answer templates VALUES    "<index of a map in VALUES> <template>"
 *
 * Inputs and answers end with a NUL.  An answer is a letter, and a text.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/format_internal.h"
#include "conf/scalar.h"
#include "conf/schema.h"
#include "conf/timestamp.h"

enum {
	ANSWER_MAX = 1024 * 1024,
};

struct document {
	const struct conf_node *value;
};

static const struct conf_field fields[] = {
	{ "value", CONF_TREE(struct document, value), .help = "Anything." },
	{ 0 },
};

static const struct conf_section section = {
	.name = "document",
	.size = sizeof(struct document),
	.fields = fields,
	.of_old = true,
};

static const struct conf_types types;
static struct buf answer;

static void
tell(char letter)
{
	putchar(letter);
	fwrite(answer.data, 1, answer.len, stdout);
	putchar('\0');
}

static void
answer_scalar(const char *text)
{
	char date[CONF_TIMESTAMP_SIZE];
	int64_t whole;
	enum conf_node_kind kind = conf_scalar_kind(text);
	buf_clear(&answer);
	switch (kind) {
	case CONF_NODE_NULL:
		tell('n');
		break;
	case CONF_NODE_BOOL:
		buf_add_char(&answer, conf_scalar_bool(text) ? '1' : '0');
		tell('b');
		break;
	case CONF_NODE_INT:
		if (conf_scalar_int(text, &whole))
			buf_printf(&answer, "%" PRId64, whole);
		tell('i');
		break;
	case CONF_NODE_FLOAT:
		conf_format_float(conf_scalar_float(text), &answer);
		tell('f');
		break;
	default:
		buf_add_text(
			&answer, conf_timestamp_text(text, date) ? date : text);
		tell('t');
	}
}

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	if (severity == CONF_ERROR)
		buf_printf(cookie, "%s\n", message);
}

static const struct conf_node *
read_value(const char *path, struct arena *arena)
{
	buf_clear(&answer);
	const struct document *document =
		conf_read(path, &section, &types, arena, on_complaint, &answer);
	return document ? document->value : NULL;
}

static void
answer_document(const char *text)
{
	static const struct conf_node null;
	static FILE *file;
	char path[32];
	if (!file && !(file = tmpfile()))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	rewind(file);
	fputs(text, file);
	fflush(file);
	if (ftruncate(fileno(file), ftell(file)) != 0)
		abort();
	struct arena *arena = arena_new_small();
	const struct conf_node *value = read_value(path, arena);
	bool good = value || answer.len == 0;
	if (good)
		conf_format_ascii(value ? value : &null, &answer);
	tell(good ? 'd' : 'e');
	arena_free(arena);
}

static const struct conf_node *values;

static const struct conf_node *
on_key_wanted(void *cookie, const char *key, const char *inside)
{
	const struct conf_node *const *map_of = cookie;
	const struct conf_node *map = *map_of;
	(void)inside;
	for (size_t i = 0; i < map->count; i++)
		if (str_eq(map->keys[i], key))
			return &map->items[i];
	return NULL;
}

static void
answer_template(const char *text)
{
	char *template;
	struct err err;
	unsigned long index = strtoul(text, &template, 10);
	if (*template != ' ' || index >= values->count)
		abort();
	const struct conf_node *map = &values->items[index];
	buf_clear(&answer);
	bool good =
		conf_format(template + 1, on_key_wanted, &map, &answer, &err)
		== CONF_FORMAT_DONE;
	if (!good) {
		buf_clear(&answer);
		buf_add_text(&answer, err.text);
	}
	tell(good ? 'd' : 'e');
}

int
main(int argc, char **argv)
{
	char *input = NULL;
	size_t size = 0;
	const char *mode = argc > 1 ? argv[1] : "";
	struct arena *arena = arena_new();
	buf_init(&answer, ANSWER_MAX);
	if (argc > 2)
		values = read_value(argv[2], arena);
	if (argc > 2 && !values) {
		fprintf(stderr, "%s", answer.data);
		return 2;
	}
	while (getdelim(&input, &size, '\0', stdin) > 0) {
		if (str_eq(mode, "scalars"))
			answer_scalar(input);
		else if (str_eq(mode, "documents"))
			answer_document(input);
		else
			answer_template(input);
	}
	free(input);
	arena_free(arena);
	buf_finish(&answer);
	return 0;
}
