/*
 * All that may stand in a configuration, from the tables and in their order:
 * what the reference, the editors' schema and the man page have in common.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/schema.h"

struct arena;

enum conf_entry_kind {
	CONF_ENTRY_KEY = 0,
	CONF_ENTRY_VARIANT, /* what a `type:` may name, and its keys follow */
	CONF_ENTRY_FORM, /* what a `type:` may name, which chooses keys */
};

struct conf_entry {
	enum conf_entry_kind kind;
	const char *name; /* the last word of the path */
	const char *path; /* as in complaints: endpoints.expectation.regex */
	const char *full; /* with variants: endpoints.http.expectation.regex */
	const char *help;
	unsigned depth; /* 0 for what stands in the document itself */
	bool required;
	const struct conf_section *section; /* that it is in */
	const struct conf_variant *variant; /* that brings it; or NULL */
	const struct conf_field *field; /* of a KEY */
	const struct conf_form *form; /* of a FORM */
	const struct conf_variant *const *choices; /* of a `type`; or NULL */
};

struct conf_outline {
	const struct conf_entry *entries;
	size_t count;
};

/** The configuration's, with what `types` brings.  All lives in `arena`. */
struct conf_outline conf_outline_of(
	const struct conf_types *types, struct arena *arena);

/** The name of each form that `key` is for, in turn; NULL after the last. */
const struct conf_form *conf_form_with(const struct conf_section *section,
	const char *key, const struct conf_form *after);

/** Whether the list of `field` may name this variant. */
bool conf_variant_is_for(
	const struct conf_variant *variant, const struct conf_field *field);
