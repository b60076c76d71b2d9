/*
 * A made-up document, with kinds of its own, to try the engine with.
 */
#pragma once

#include "conf/schema.h"

struct arena;

struct apple {
	const char *name;
	int64_t ripe_ms;
	const char *secret;
};

struct fig {
	int64_t ripe_ms;
};

struct cellar {
	int64_t depth;
};

struct tree {
	const char *name;
	struct conf_chosen fruit;
	int64_t age;
};

struct pear {
	bool sweet;
	double weight;
};

struct barn {
	int colour;
};

struct farm {
	const struct barn *barn;
	struct conf_list trees; /* struct tree */
	struct conf_list basket; /* struct conf_chosen */
	struct conf_chosen cellar;
	struct conf_list colours; /* int */
	struct conf_list hands; /* const char * */
	struct conf_list prices; /* struct conf_pair */
	const struct conf_node *notes;
	struct conf_source deed;
};

/** Of the trees. */
extern const struct conf_variant farm_pear, farm_fig;

/** What was said of the last file, one a line, "~ " before a warning. */
extern char farm_said[16384];

/** Write `text` to a file and read that.  NULL after an error. */
const struct farm *farm_read(const char *text, struct arena *arena);

/** The same for any bytes. */
const struct farm *farm_read_bytes(
	const void *bytes, size_t len, struct arena *arena);

/** For cmocka: around a suite. */
int farm_open(void **unused);
int farm_close(void **unused);
