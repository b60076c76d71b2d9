/*
 * `${NAME}`, `${NAME:-default}` and `${file:/path}` in a text, filled in;
 * `$${` stands for `${`.
 */
#pragma once

struct buf;
struct err;

enum conf_fill {
	CONF_FILL_DONE = 0,
	CONF_FILL_UNSET, /* a variable is not set; it is left as written */
	CONF_FILL_FAILED, /* a file cannot be read, or it became too long */
};

/**
 * Add the filled-in `text` to `out`.  What does not look like one of the forms
 * is left alone.  `err` names the first trouble, and shows no values.
 */
enum conf_fill conf_environment_fill(
	const char *text, struct buf *out, struct err *err);

/**
 * The same into a template: braces of what is filled in are doubled.  Calls
 * `each` with what each of the forms stands for.
 */
typedef void conf_environment_value_fn(void *cookie, const char *value);
enum conf_fill conf_environment_fill_template(const char *text,
	conf_environment_value_fn *each, void *cookie, struct buf *out,
	struct err *err);

/** Calls `each` with the path of each `${file:...}` in the text. */
typedef void conf_environment_file_fn(void *cookie, const char *path);
void conf_environment_files(
	const char *text, conf_environment_file_fn *each, void *cookie);
