/*
 * What must not be shown, of things that as a whole may be.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct conf_yaml_item;

/**
 * True for a header such as Authorization or X-Api-Key, and for each value that
 * comes from the environment or a file.
 */
bool conf_is_secret_pair(const struct conf_yaml_item *pair);

/** The URL without "user:password@", should there be one. */
const char *conf_without_user(const char *url, struct arena *arena);
