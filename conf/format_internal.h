/*
 * The parts of conf_format().  Only conf/format*.c include this.
 */
#pragma once

#include "conf/format.h"

/** What Python's repr() makes of a value: texts are in quotes. */
void conf_format_repr(const struct conf_node *value, struct buf *out);

/** The same in ASCII. */
void conf_format_ascii(const struct conf_node *value, struct buf *out);

/** What Python's format() makes of a value.  `spec` is what follows the `:`. */
bool conf_format_value(const struct conf_node *value, const char *spec,
	struct buf *out, struct err *err);

/** The shortest text that reads back as the same number: 0.1, 1.0, 1e-05. */
void conf_format_float(double number, struct buf *out);

/** The character that begins at `text`; its length, 0 at the end. */
size_t conf_format_character(const char *text, uint32_t *code);
