/*
 * What a terminal can show.
 */
#pragma once

#include <stdbool.h>

#define CLI_PLAIN "\033[0m"
#define CLI_BOLD "\033[1m"
#define CLI_DIM "\033[2m"
#define CLI_RED "\033[31m"
#define CLI_GREEN "\033[32m"
#define CLI_YELLOW "\033[33m"
#define CLI_BLUE "\033[34m"
#define CLI_MAGENTA "\033[35m"
#define CLI_CYAN "\033[36m"

/** A terminal that is not dumb, and NO_COLOR is not set. */
bool cli_has_colours(int fd);

/** How many columns it has; 80 where that is not known. */
int cli_columns(int fd);

/** Text from the network as a terminal may see it; `indent` begins lines. */
void cli_print(const char *text, const char *indent);

/** How many columns it takes, as far as one can tell. */
int cli_width(const char *text);

/** On one line, with blanks after it up to this width. */
void cli_print_padded(const char *text, int width);
