/*
 * From YAML to typed structs, by table.
 *
 * A section is a struct and a table of its keys.  The table is the only place
 * where a key is named: reading, checking, defaults, the reference and the
 * editors' schema all come from it.
 *
 * Knows shapes only.  It has never heard of a probe or a reporter: those bring
 * their own sections, and the document's variants are handed in by the caller.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum conf_kind {
	CONF_KIND_BOOL = 0, /* bool */
	CONF_KIND_INT, /* int64_t, within [min, max] */
	CONF_KIND_NUMBER, /* double */
	CONF_KIND_DURATION, /* int64_t ms; a bare number is seconds */
	CONF_KIND_STRING, /* const char * */
	CONF_KIND_SOURCE, /* struct conf_source: a string, and as written */
	CONF_KIND_CHOICE, /* int, one of `choices` */
	CONF_KIND_CHOICES, /* struct conf_list of int, in their order */
	CONF_KIND_STRINGS, /* struct conf_list of const char * */
	CONF_KIND_PAIRS, /* struct conf_list of struct conf_pair */
	CONF_KIND_TREE, /* const struct conf_node *: any YAML, as it is */
	CONF_KIND_SECTION, /* const struct *: the section, NULL when absent */
	CONF_KIND_LIST, /* struct conf_list of such structs */
	CONF_KIND_VARIANT, /* struct conf_chosen: `fixed`, or by `type:` */
	CONF_KIND_VARIANTS, /* struct conf_list of struct conf_chosen */
};

struct conf_list {
	const void *items;
	size_t count;
};

struct conf_pair {
	const char *key;
	const char *value; /* NULL where the YAML says null */
};

/** What stands there after ${NAME} was filled in, and before. */
struct conf_source {
	const char *text; /* NULL when the key is absent */
	const char *raw;
};

/** YAML as it is, for what has no shape of its own, such as a JSON body. */
struct conf_node {
	enum conf_node_kind {
		CONF_NODE_NULL = 0,
		CONF_NODE_BOOL,
		CONF_NODE_INT,
		CONF_NODE_FLOAT,
		CONF_NODE_TEXT,
		CONF_NODE_LIST,
		CONF_NODE_MAP,
	} kind;
	bool boolean;
	const char *text; /* of every scalar, as written, ${NAME} filled in */
	int64_t integer;
	double number;
	size_t count;
	const struct conf_node *items; /* of a list, or the values of a map */
	const char *const *keys; /* of a map */
};

struct conf_choice {
	const char *name; /* NULL ends the table */
	int value;
};

enum conf_flag {
	CONF_REQUIRED = 1 << 0,
	CONF_SECRET = 1 << 1, /* never printed: not in complaints either */

	/*
	 * A key that cachet-url-monitor had: there, `${NAME}` of an unset
	 * variable stays as written, with a warning, since the old tool knew no
	 * such thing.
	 */
	CONF_OF_OLD = 1 << 2,

	/* What Python calls false - 0, false, "" - is as good as null. */
	CONF_OR_FALSE = 1 << 3,

	/*
	 * An INT is what Python's int() makes of it, and a BOOL whether that is
	 * other than 0: fractions are cut, true is 1, what is below the least
	 * is the least.  All with a warning.
	 */
	CONF_LENIENT = 1 << 4,

	/* A STRING that YAML reads as something else is an error. */
	CONF_ONLY_TEXT = 1 << 5,

	/* A STRING that YAML reads as something else is worth a warning. */
	CONF_BETTER_QUOTED = 1 << 6,

	/* The values of PAIRS are what Python's str() makes of them. */
	CONF_PYTHON = 1 << 7,

	/* For the reference; a check says it in words of its own. */
	CONF_NEEDED = 1 << 8, /* the same as REQUIRED */
	CONF_NOT_EMPTY = 1 << 9, /* if it is there: not null, no [] */
	CONF_NAMED = 1 << 10, /* VARIANTS: each has a `name` */

	/* A LIST: others that say the same may have the same items. */
	CONF_SHARED = 1 << 11,

	/* VARIANTS, STRINGS: one where a list was meant is as good. */
	CONF_OR_ONE = 1 << 13,

	/* {braces} in it are filled in; those of ${NAME} are only text. */
	CONF_TEMPLATE = 1 << 14,

	/* A STRING: the path of a file that will be read again and again. */
	CONF_FILE = 1 << 12,
};

/** A word and what it means, for the reference. */
struct conf_word {
	const char *name; /* NULL ends the table */
	const char *help;
};

/** What the keys of a section are when its `type` is this. */
struct conf_form {
	const char *type; /* NULL ends the table */
	const char *needs[4]; /* the keys that it must have */
	const char *help;
};

/**
 * What a TREE or a STRING looks like, for the reference; that it does is for
 * the section's check to see.
 */
struct conf_shape {
	const char *what; /* for people, such as "an address and a port" */
	const char *pattern; /* of a text (ECMA-262); NULL: any */
	bool number; /* a number does as well */
	bool map; /* and so does a map */
	bool list; /* and a list: of such, or of what `section` says */
};

struct conf_field {
	const char *key; /* NULL ends the table */
	const char *alias; /* another spelling, or NULL */
	enum conf_kind kind;
	unsigned flags;
	size_t offset;
	const char
		*fallback; /* the default, written as a user would; or NULL */
	double min, max; /* of numbers and durations (milliseconds) */
	const struct conf_choice *choices;
	const struct conf_section *section;
	const char *wants; /* "expected ...", where the kind says too little */
	const char
		*null; /* what null means, if not the default: with a warning */
	const char *beside; /* a key to name too when both it and this lack */
	const char *fixed; /* VARIANT(S): this one, without a `type:` */
	const char
		*variant; /* VARIANT(S): the one without a `type:`; or NULL */
	enum conf_family { CONF_PROBES = 0, CONF_REPORTERS } family;
	const char *help; /* one sentence, for the reference */

	/* For the reference alone; NULL where there is nothing to say. */
	const char *otherwise; /* the default, when it is no fixed value */
	const char *variable; /* of the environment: goes before the file */
	const struct conf_shape *shape;
	const struct conf_word *words; /* what {braces} in it may name */
	const char *unless[2]; /* lists in place of which this may be missing */
};

struct conf_reader;

struct conf_section {
	const char *name;
	size_t size; /* of the struct it fills */
	const struct conf_field *fields;
	bool of_old; /* cachet-url-monitor had it: unknown keys are warnings */

	/**
	 * Rules between keys.  Runs once all keys of the section could be
	 * read, so that nothing is complained of twice; what is nested in it
	 * may still be broken.  NULL when there are none.
	 */
	void (*check)(const void *section, struct conf_reader *reader);
	bool bears_gaps; /* also if keys that must be there are missing */

	/**
	 * The offset of a struct conf_chosen inside the struct, when the keys
	 * of a variant stand in the same map as those of the section, as an
	 * endpoint's do; `inlined` is its row.
	 */
	const struct conf_field *inlined;

	const struct conf_form *forms; /* what `type` may be; or NULL */
};

/** One thing a `type:` key may name: a kind of probe, a kind of reporter. */
struct conf_variant {
	const char *name;
	struct conf_section section;
	bool digests; /* of a reporter: it tells an EVENT_DIGEST too */
	bool reminds; /* of a reporter: it tells an EVENT_REMINDER too */
	bool own_section; /* has a section of its own; not under `reporters:` */
	const char *help; /* one sentence, for the reference */
};

struct conf_chosen {
	const struct conf_variant *variant; /* NULL when the key is absent */
	const void *settings; /* of variant->section.size bytes */
};

/** What `type:` may name.  NULL-terminated lists. */
struct conf_types {
	const struct conf_variant *const *families[2]; /* by enum conf_family */
};

/* offsetof(), except that the wrong C type for the key does not compile. */
#define CONF_OFFSET(type, owner, member) \
	(offsetof(owner, member) \
		+ 0 * sizeof(&((owner *)NULL)->member == (type *)NULL))

#define CONF_BOOL(owner, member) \
	.kind = CONF_KIND_BOOL, .offset = CONF_OFFSET(bool, owner, member)
#define CONF_INT(owner, member, low, high) \
	.kind = CONF_KIND_INT, .min = (low), .max = (high), \
	.offset = CONF_OFFSET(int64_t, owner, member)
#define CONF_NUMBER(owner, member, low, high) \
	.kind = CONF_KIND_NUMBER, .min = (low), .max = (high), \
	.offset = CONF_OFFSET(double, owner, member)
#define CONF_DURATION(owner, member, low_ms, high_ms) \
	.kind = CONF_KIND_DURATION, .min = (low_ms), .max = (high_ms), \
	.offset = CONF_OFFSET(int64_t, owner, member)
#define CONF_STRING(owner, member) \
	.kind = CONF_KIND_STRING, \
	.offset = CONF_OFFSET(const char *, owner, member)
#define CONF_SOURCE(owner, member) \
	.kind = CONF_KIND_SOURCE, \
	.offset = CONF_OFFSET(struct conf_source, owner, member)
#define CONF_CHOICE(owner, member, table) \
	.kind = CONF_KIND_CHOICE, .choices = (table), \
	.offset = CONF_OFFSET(int, owner, member)
#define CONF_CHOICES(owner, member, table) \
	.kind = CONF_KIND_CHOICES, .choices = (table), \
	.offset = CONF_OFFSET(struct conf_list, owner, member)
#define CONF_STRINGS(owner, member) \
	.kind = CONF_KIND_STRINGS, \
	.offset = CONF_OFFSET(struct conf_list, owner, member)
#define CONF_PAIRS(owner, member) \
	.kind = CONF_KIND_PAIRS, \
	.offset = CONF_OFFSET(struct conf_list, owner, member)
#define CONF_TREE(owner, member) \
	.kind = CONF_KIND_TREE, \
	.offset = CONF_OFFSET(const struct conf_node *, owner, member)
#define CONF_SECTION(owner, member, of, type) \
	.kind = CONF_KIND_SECTION, .section = &(of), \
	.offset = CONF_OFFSET(const type *, owner, member)
#define CONF_LIST(owner, member, of) \
	.kind = CONF_KIND_LIST, .section = &(of), \
	.offset = CONF_OFFSET(struct conf_list, owner, member)
#define CONF_VARIANT(owner, member, from) \
	.kind = CONF_KIND_VARIANT, .family = (from), \
	.offset = CONF_OFFSET(struct conf_chosen, owner, member)
#define CONF_VARIANTS(owner, member, from) \
	.kind = CONF_KIND_VARIANTS, .family = (from), \
	.offset = CONF_OFFSET(struct conf_list, owner, member)

enum conf_severity {
	CONF_WARNING = 0,
	CONF_ERROR,
};

/** How the sentence about a key that is not known begins. */
#define CONF_UNKNOWN_KEY "unknown key"

/**
 * Called once per problem, in file order, as
 * "config.yml:12:7: endpoints[0] (shop).timeout: expected a duration ...".
 */
typedef void conf_complain_fn(
	void *cookie, enum conf_severity severity, const char *message);

/**
 * Read the YAML file at `path` into the struct that `section` describes.
 * Reads to the end and complains about everything it finds, not just the
 * first.  Returns the struct, which lives in `arena`, or NULL after at least
 * one error.
 */
void *conf_read(const char *path, const struct conf_section *section,
	const struct conf_types *types, struct arena *arena,
	conf_complain_fn *complain, void *cookie);

/**
 * From inside conf_section.check: complain about `key`, at its own place, or
 * about the section when the section has no such key or `key` is NULL.
 */
void conf_reject(struct conf_reader *reader, const char *key,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/** The same, but what is wrong does not keep the file from being used. */
void conf_warn(struct conf_reader *reader, const char *key, const char *format,
	...) __attribute__((format(printf, 3, 4)));

/**
 * From inside a check: complain about item `index` of the list at `key`, and
 * about `inner` in it unless that is NULL.
 */
void conf_reject_item(struct conf_reader *reader, const char *key, size_t index,
	const char *inner, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void conf_warn_item(struct conf_reader *reader, const char *key, size_t index,
	const char *inner, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/**
 * From inside a check: the raw YAML of the section, for templates; gone when
 * the check returns.
 */
const struct conf_node *conf_raw(struct conf_reader *reader);

/** From inside a check: what is allocated lives as long as the document. */
struct arena *conf_arena(struct conf_reader *reader);
