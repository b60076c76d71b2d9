/*
 * logfmt on stderr: time=... level=info msg="..." key=value; or the same as an
 * object of JSON a line.  Thread-safe, a line at a time.  Only the spine and
 * the verbs log; libraries return errors.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_DEBUG = 0,
	LOG_INFO,
	LOG_WARN,
	LOG_ERROR,
	LOG_SILENT, /* as a threshold only */
};

struct log_field {
	const char *key; /* NULL ends the list */
	const char *text; /* NULL when it is a number */
	int64_t number;
};

/** Lines below `level` are not written.  Info to begin with. */
void log_threshold(enum log_level level);

struct log_look {
	bool json; /* instead of logfmt */
	bool colours; /* of logfmt, for a terminal */
	bool priorities; /* "<4>" before each line, for systemd's journal */
};

/** Before there are threads. */
void log_set_look(const struct log_look *look);

/** A text is borrowed until the line is written; NULL is written as "". */
struct log_field log_text(const char *key, const char *text);
struct log_field log_int(const char *key, int64_t number);

void log_write(
	enum log_level level, const char *msg, const struct log_field *fields);

/* log_say(LOG_INFO, "endpoint is down", log_text("endpoint", name)) */
#define log_say(level, ...) LOG_SAY_(level, __VA_ARGS__, { 0 })
#define LOG_SAY_(level, msg, ...) \
	log_write(level, msg, (const struct log_field[]){ __VA_ARGS__ })
