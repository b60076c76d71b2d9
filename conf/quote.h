/*
 * Texts as they are to stand in a YAML file.
 */
#pragma once

#include <stdbool.h>

struct buf;

/** A text, whatever is in it: means itself, also a ${ that is in it. */
void conf_quote_text(struct buf *out, const char *text);

/**
 * What somebody wrote for a configuration, as 30, 1m30s, 200-300 and ${NAME}:
 * means what it would mean without quotes where they can be left away.
 */
void conf_quote_value(struct buf *out, const char *text);

/** True when it may stand there without quotes, whatever it means then. */
bool conf_quote_is_plain(const char *text);

/** In double quotes.  What is not UTF-8 becomes U+FFFD. */
void conf_quote_double(struct buf *out, const char *text);

/** For inside of a comment: one line that YAML lets stand there. */
void conf_quote_comment(struct buf *out, const char *text);
