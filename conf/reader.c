#include "conf/reader.h"

#include <errno.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "conf/conf.h"
#include "conf/strings.h"

enum {
	/* In large pieces, which leave no holes when they are given back. */
	SCRATCH_BLOCK = 256 * 1024,
};

static bool
load_tree(struct conf_reader *reader)
{
	struct err err;
	struct conf_mark where;
	const struct conf_text *text = reader->text;
	bool good = text ? conf_yaml_read(text->text, text->len,
			    reader->scratch, &reader->tree, &err, &where)
			 : conf_yaml_load(reader->path, reader->scratch,
				 &reader->tree, &err, &where);
	if (good)
		return true;
	conf_complaints_add(
		reader->complaints, CONF_ERROR, where, "", err.text);
	return false;
}

/* A file in which nothing stands is a document without keys. */
static bool
enter_root(struct conf_reader *reader)
{
	if (reader->tree.kind == CONF_NODE_NULL)
		reader->tree = (struct conf_yaml){ .kind = CONF_NODE_MAP };
	reader->root = (struct conf_frame){ .index = CONF_NO_INDEX,
		.map = &reader->tree };
	reader->frame = &reader->root;
	if (reader->tree.kind == CONF_NODE_MAP)
		return true;
	conf_complaints_add(reader->complaints, CONF_ERROR, reader->tree.mark,
		"",
		"Endpoints is a mandatory field: expected a map of keys such "
		"as \"endpoints:\"");
	return false;
}

void *
conf_reader_open(struct conf_reader *reader, const char *path,
	const struct conf_text *text, const struct conf_section *section,
	const struct conf_types *types, struct arena *arena)
{
	*reader = (struct conf_reader){
		.path = path,
		.text = text,
		.types = types,
		.arena = arena,
		.scratch = arena_new_for(SCRATCH_BLOCK),
		.raw = arena_new(),
		.strings = conf_strings_new(arena),
		.shared = map_new(),
		.files = map_new(),
		.secrets = map_new(),
		.complaints = conf_complaints_new(),
	};
	reader->missing = !text && access(path, F_OK) != 0 && errno == ENOENT;
	if (reader->missing || !load_tree(reader) || !enter_root(reader))
		return NULL;
	void *to = arena_alloc(arena, section->size);
	conf_read_section(reader, &reader->root, section, to);
	return to;
}

/* In the words of the old tool, which scripts may know. */
static void
complain_missing(const char *path, conf_complain_fn *complain, void *cookie)
{
	struct err sentence;
	err_set(&sentence, "File not found: %s", path);
	complain(cookie, CONF_ERROR, sentence.text);
}

/* The tree of a large file leaves a hole that would be counted as ours. */
static void
give_back_memory(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

bool
conf_reader_close(
	struct conf_reader *reader, conf_complain_fn *complain, void *cookie)
{
	bool good = !reader->missing
		&& conf_complaints_errors(reader->complaints) == 0;
	conf_complaints_tell(
		reader->complaints, reader->path, complain, cookie);
	if (reader->missing)
		complain_missing(reader->path, complain, cookie);
	conf_complaints_free(reader->complaints);
	conf_strings_free(reader->strings);
	map_free(reader->shared);
	map_free(reader->files);
	map_free(reader->secrets);
	arena_free(reader->raw);
	arena_free(reader->scratch);
	*reader = (struct conf_reader){ 0 };
	give_back_memory();
	return good;
}

void *
conf_read(const char *path, const struct conf_section *section,
	const struct conf_types *types, struct arena *arena,
	conf_complain_fn *complain, void *cookie)
{
	struct conf_reader reader;
	void *to = conf_reader_open(&reader, path, NULL, section, types, arena);
	return conf_reader_close(&reader, complain, cookie) ? to : NULL;
}
