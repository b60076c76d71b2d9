/*
 * What must not be shown, of things that as a whole may be.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct conf_reader;
struct conf_yaml_item;

/** What has this name is likely to be one. */
bool conf_is_secret_name(const char *name);

/**
 * True for a header such as Authorization or X-Api-Key, and for each value that
 * comes from the environment or a file.
 */
bool conf_is_secret_pair(const struct conf_yaml_item *pair);

/** The URL without "user:password@", should there be one. */
const char *conf_without_user(const char *url, struct arena *arena);

/**
 * From inside a check: what lets somebody in must not be empty, and a short one
 * is warned about; it may be another system that chose it.  NULL is allowed and
 * says nothing.
 */
void conf_check_strength(struct conf_reader *reader, const char *key,
	const char *secret, size_t min);
