/*
 * What must not be shown: the secrets of a configuration, wherever they turn
 * up.
 */
#pragma once

#include <stddef.h>

struct arena;
struct conf_chosen;

struct cli_cover;

struct cli_cover *cli_cover_new(void);

/** NULL is allowed and does nothing. */
void cli_cover_free(struct cli_cover *cover);

/** The word itself, if it is long enough to be one. */
void cli_cover_add(struct cli_cover *cover, const char *word);

/** All of the URL that may be a secret: user, path and query, in pieces. */
void cli_cover_add_url(struct cli_cover *cover, const char *url);

/** The values of all keys that are secrets. */
void cli_cover_add_settings(
	struct cli_cover *cover, const struct conf_chosen *settings);

/** What stands for ${NAME} and ${file:PATH} in the file at `path`. */
void cli_cover_add_file(struct cli_cover *cover, const char *path);

/** The text with dots in the place of each. */
const char *cli_cover_text(
	const struct cli_cover *cover, const char *text, struct arena *arena);
