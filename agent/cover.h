/*
 * What must not be shown: the secrets of a configuration, wherever they turn
 * up.
 */
#pragma once

#include <stddef.h>

struct arena;
struct conf_chosen;

struct cover;

struct cover *cover_new(void);

/** NULL is allowed and does nothing. */
void cover_free(struct cover *cover);

/** The word itself, if it is long enough to be one. */
void cover_add(struct cover *cover, const char *word);

/** All of the URL that may be a secret: user, path and query, in pieces. */
void cover_add_url(struct cover *cover, const char *url);

/** The values of all keys that are secrets. */
void cover_add_settings(
	struct cover *cover, const struct conf_chosen *settings);

/** What stands for ${NAME} and ${file:PATH} in the file at `path`. */
void cover_add_file(struct cover *cover, const char *path);

/** The text with dots in the place of each. */
const char *cover_text(
	const struct cover *cover, const char *text, struct arena *arena);
